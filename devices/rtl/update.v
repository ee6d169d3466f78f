`include "description.vh"
`default_nettype none

// The instruction `update`: one step of each neuron of a population. For each it loads the record, lets `neuron`
// compute, and writes back the state, which comes first in the record. What the neurons emit is gathered into words.
module update #(parameter PAIR_BITS = 9, parameter ACTIVITY_BITS = 10) (
  input wire clk,
  input wire rst,
  input wire start,
  output wire done,
  // Fields of the instruction.
  input wire [ACTIVITY_BITS-1:0] target,
  input wire [15:0] neurons,
  input wire [15:0] record,
  input wire [`CORE_RECORD_WORDS-1:0] own,
  input wire [PAIR_BITS-1:0] first_pair,
  input wire read_out,
  input wire has_current,
  input wire subtract,
  input wire many,
  input wire wide,
  input wire unshifted,
  input wire [4:0] hand_on,
  // Memory.
  output wire [15:0] memory_address,
  output wire memory_write,
  output reg [15:0] memory_data,
  input wire [15:0] memory_q,
  // Sums: of the even and the odd neuron of a pair.
  output wire sum_read,
  output wire [1:0] sum_clear,
  output wire [PAIR_BITS-1:0] pair,
  input wire signed [31:0] even_sum,
  input wire signed [31:0] odd_sum,
  // Activity memory.
  output wire activity_write,
  output reg [ACTIVITY_BITS-1:0] activity_address,
  output reg [15:0] activity_data
);
  localparam IDLE = 0, LOAD = 1, COMPUTE = 2, EMIT = 3, STORE = 4, FLUSH = 5, COUNTS = 6;
  reg [2:0] state;
  // First the shared record is loaded; at the end the counts of held numbers are stored in it.
  reg shared;
  reg closing;

  localparam [`CORE_RECORD_WORDS-1:0] STATE_WORDS =
    1 << `CORE_RECORD_REFRACTORY | COUNT_WORDS;
  localparam [`CORE_RECORD_WORDS-1:0] COUNT_WORDS =
    1 << `CORE_RECORD_CURRENT | 1 << `CORE_RECORD_CURRENT_HIGH |
    1 << `CORE_RECORD_MEMBRANE | 1 << `CORE_RECORD_MEMBRANE_HIGH;

  // The words of a record that still have to be loaded or stored; the lowest is next.
  reg [`CORE_RECORD_WORDS-1:0] words;
  wire [`CORE_RECORD_WORDS-1:0] word = words & -words;
  wire [`CORE_RECORD_WORDS-1:0] later_words = words & ~word;
  // Words that were read from memory in the cycle before.
  reg [`CORE_RECORD_WORDS-1:0] arrived;

  // Where to load next, and where to store next.
  reg [15:0] load_pointer;
  reg [15:0] store_pointer;

  reg [15:0] left;
  // The neuron: which sum is its own, and its place in the words that it emits.
  reg [PAIR_BITS:0] slot;
  reg [3:0] place;
  wire bytes = read_out | many;
  wire fills_word = left == 1 || place == (bytes ? 4'd1 : 4'd15);

  wire [15:0] refractory;
  wire [31:0] current, membrane;
  wire [7:0] emitted;
  wire loaded_all = state == LOAD && words == 0;
  wire neuron_done;

  neuron neuron (
    .clk(clk), .rst(rst), .load(arrived), .loaded(memory_q), .take_counts(state == COUNTS & ~closing),
    .give_counts(state == COUNTS & closing), .start(loaded_all & ~shared), .done(neuron_done),
    .x(slot[0] ? odd_sum : even_sum), .read_out(read_out), .has_current(has_current), .subtract(subtract), .many(many),
    .wide(wide), .unshifted(unshifted), .hand_on(hand_on), .refractory(refractory), .current(current),
    .membrane(membrane), .emitted(emitted)
  );

  assign done = state == STORE && closing && later_words == 0;
  assign pair = slot[PAIR_BITS:1];
  assign sum_read = state == LOAD;
  assign sum_clear = state != EMIT ? 2'b00 : slot[0] ? 2'b10 : 2'b01;
  assign memory_write = state == STORE;
  assign memory_address = memory_write ? store_pointer : load_pointer;
  assign activity_write = state == FLUSH;

  always @*
    case (1'b1)
      word[`CORE_RECORD_REFRACTORY]: memory_data = refractory;
      word[`CORE_RECORD_CURRENT]: memory_data = current[15:0];
      word[`CORE_RECORD_CURRENT_HIGH]: memory_data = current[31:16];
      word[`CORE_RECORD_MEMBRANE]: memory_data = membrane[15:0];
      default: memory_data = membrane[31:16];
    endcase

  always @(posedge clk) begin
    arrived <= 0;
    case (state)
      IDLE: begin
        load_pointer <= record;
        words <= ~0;
        shared <= 1;
        closing <= 0;
        left <= neurons;
        slot <= {first_pair, 1'b0};
        place <= 0;
        activity_address <= target;
        activity_data <= 0;
        if (start) state <= LOAD;
      end
      LOAD:
        if (words != 0) begin
          arrived <= word;
          words <= later_words;
          load_pointer <= load_pointer + 1'b1;
        end else state <= shared ? COUNTS : COMPUTE;
      COUNTS: begin
        // Before the first neuron the counts leave the registers of the state, after the last they go back there.
        words <= closing ? COUNT_WORDS : own;
        store_pointer <= closing ? record + `CORE_RECORD_CURRENT : load_pointer;
        shared <= 0;
        state <= closing ? STORE : LOAD;
      end
      COMPUTE: if (neuron_done) state <= EMIT;
      EMIT: begin
        if (bytes) activity_data[{place[0], 3'd0} +: 8] <= emitted;
        else activity_data[place] <= emitted[0];
        words <= own & STATE_WORDS;
        state <= STORE;
      end
      STORE: begin
        words <= later_words;
        store_pointer <= store_pointer + 1'b1;
        if (later_words == 0) begin
          if (closing) state <= IDLE;
          else if (fills_word) state <= FLUSH;
          else begin
            words <= own;
            store_pointer <= load_pointer;
            slot <= slot + 1'b1;
            place <= place + 1'b1;
            left <= left - 1'b1;
            state <= LOAD;
          end
        end
      end
      FLUSH: begin
        activity_address <= activity_address + 1'b1;
        activity_data <= 0;
        words <= own;
        store_pointer <= load_pointer;
        slot <= slot + 1'b1;
        place <= 0;
        left <= left - 1'b1;
        closing <= left == 1;
        state <= left == 1 ? COUNTS : LOAD;
      end
      default: state <= IDLE;
    endcase
    if (rst) state <= IDLE;
  end

`ifdef FORMAL
`define UNIT_LAST COUNTS
`define UNIT_ASKS memory_write | activity_write | sum_read | |sum_clear
`include "formal/unit.vh"
`endif
endmodule
