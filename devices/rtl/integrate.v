`include "description.vh"
`default_nettype none

// The instruction `integrate`: looks for the elements of a source that are not 0, and for each of them reads its row of
// weights, a word a cycle, for the lanes. Silence costs a cycle for every word of the source; an active element costs
// two cycles (sparse: five) and one for each word of its row.
module integrate #(parameter PAIR_BITS = 9, parameter ACTIVITY_BITS = 10) (
  input wire clk,
  input wire rst,
  input wire start,
  output wire done,
  // Fields of the instruction.
  input wire bytes,
  input wire sparse,
  input wire learned,
  input wire [ACTIVITY_BITS-1:0] source,
  input wire [15:0] source_words,
  input wire [15:0] rows,
  input wire [15:0] row_words,
  input wire [PAIR_BITS-1:0] pair,
  // Activity memory.
  output wire activity_read,
  output reg [ACTIVITY_BITS-1:0] activity_address,
  input wire [15:0] activity_q,
  // Memory.
  output reg [15:0] pointer,
  input wire [15:0] memory_q,
  // Lanes, cycle 1: the value that arrives, while memory_q has its weights.
  output reg signed [7:0] value,
  // Lanes, cycle 2: where it arrives, by lane.
  output reg [1:0] arrives,
  output wire [PAIR_BITS-1:0] arrives_at
);
  localparam IDLE = 0, PRIME = 1, SCAN = 2, ROW = 3, LIST = 4, LIST_BEGIN = 5, LIST_END = 6, RUN = 7;
  reg [2:0] state;

  // The word of the source under examination: its number, and which of its elements still have to be sent.
  reg [15:0] number;
  reg [15:0] left;
  reg [15:0] word;
  reg [15:0] pending;
  wire [15:0] lowest = pending & -pending;
  wire [3:0] place = {|(lowest & 16'hff00), |(lowest & 16'hf0f0), |(lowest & 16'hcccc), |(lowest & 16'haaaa)};
  wire [7:0] byte_at_place = place[0] ? word[15:8] : word[7:0];

  reg [15:0] element;
  // Words of the row that are left, and where the synapse read before has led: an even neuron is bit 0 = 0.
  reg [15:0] row_left;
  reg [PAIR_BITS:0] target;
  reg reads_weights;
  wire [PAIR_BITS:0] step = sparse ? {{(PAIR_BITS - 7) {1'b0}}, memory_q[15:8]} : learned ? 1 : 2;
  wire [PAIR_BITS:0] next_target = target + step;

  wire takes_word = state == SCAN && pending == 0 && left != 0;
  assign activity_read = state == PRIME || takes_word;
  assign done = state == SCAN && pending == 0 && left == 0;
  assign arrives_at = target[PAIR_BITS:1];

  always @(posedge clk) begin
    reads_weights <= state == RUN;
    // A weight that is read now moves the target; in the next cycle the lanes see where to.
    arrives <= !reads_weights ? 2'b00 : !sparse & !learned ? 2'b11 : next_target[0] ? 2'b10 : 2'b01;
    if (reads_weights) target <= next_target;

    case (state)
      IDLE: begin
        activity_address <= source;
        left <= source_words;
        number <= 16'hffff;
        pending <= 0;
        if (start) state <= PRIME;
      end
      // The first word is on its way; the memory always reads one word ahead.
      PRIME: begin
        activity_address <= activity_address + 1'b1;
        state <= SCAN;
      end
      SCAN:
        if (pending != 0) begin
          pending <= pending & ~lowest;
          element <= bytes ? {number[14:0], place[0]} : {number[11:0], place};
          value <= bytes ? byte_at_place : 8'd1;
          state <= ROW;
        end else if (left != 0) begin
          word <= activity_q;
          pending <= bytes ? {14'd0, |activity_q[15:8], |activity_q[7:0]} : activity_q;
          number <= number + 1'b1;
          left <= left - 1'b1;
          activity_address <= activity_address + 1'b1;
        end else state <= IDLE;
      ROW: begin
        pointer <= rows + element * row_words;
        row_left <= row_words;
        // The first word of a dense row leads to the first pair, one with a weight W to its even neuron.
        target <= sparse ? {pair, 1'b0} : {pair - 1'b1, learned};
        state <= sparse ? LIST : RUN;
      end
      // Of a sparse row, first the two pointers are read: to its first word, and after its last.
      LIST: begin
        pointer <= pointer + 1'b1;
        state <= LIST_BEGIN;
      end
      LIST_BEGIN: begin
        row_left <= memory_q;
        state <= LIST_END;
      end
      LIST_END: begin
        pointer <= row_left;
        row_left <= memory_q - row_left;
        state <= memory_q == row_left ? SCAN : RUN;
      end
      RUN: begin
        pointer <= pointer + 1'b1;
        row_left <= row_left - 1'b1;
        if (row_left == 1) state <= SCAN;
      end
    endcase
    if (rst) begin
      state <= IDLE;
      reads_weights <= 0;
      arrives <= 0;
    end
  end

`ifdef FORMAL
`define UNIT_LAST RUN
`define UNIT_ASKS activity_read
`include "formal/unit.vh"
  // The last weight reaches the lanes in the cycle after `done`.
  reg f_ran = 0;
  always @(posedge clk) f_ran <= f_runs;
  always @* if (f_started && !f_runs) assert (!reads_weights && (f_ran || arrives == 0));
`endif
endmodule
