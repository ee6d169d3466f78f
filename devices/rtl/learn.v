`include "description.vh"
`default_nettype none

// The instructions of learning, docs/semantics.md section 4, "Integer arithmetic":
//
//   trace    for each neuron x = x * A / 2^15, rounded towards 0, and where it has spiked x + 2^16, up to 2^24
//   learn    for each spike of one side, all neurons of the other: W = W + floor(x * m / 2^s + d / 2^32), within bounds
//   copy     words of the memory, for weights to be kept and taken back
//
// Neurons of the side whose spikes count are the outer loop, those of the other, which have the traces, the inner one.
// A trace of 0 costs four cycles, any other about fifty: the fraction of a change is added bit by bit.
module learn #(parameter ACTIVITY_BITS = 10) (
  input wire clk,
  input wire rst,
  input wire start,
  output wire done,
  // Fields of the instruction.
  input wire traces,  // trace
  input wire copies,  // copy
  input wire everyone,
  input wire decays,
  input wire sets,
  input wire by_inner,
  input wire visits,
  input wire [ACTIVITY_BITS-1:0] source,
  input wire [`CORE_COUNT_BITS-1:0] outer,
  input wire [15:0] inner_or_factor,
  input wire [14:0] first_trace,  // of two words each
  input wire [15:0] first_weight,
  input wire [13:0] first_row,  // of four words each
  input wire [12:0] generator,  // of eight words
  // Activity memory.
  output wire activity_read,
  output reg [ACTIVITY_BITS-1:0] activity_address,
  input wire [15:0] activity_q,
  // Memory.
  output reg [15:0] memory_address,
  output wire memory_write,
  output reg [15:0] memory_data,
  input wire [15:0] memory_q
);
  localparam IDLE = 0, LOAD = 1, OUTER = 2, WORD = 3, TRACE = 4, TRACE_HIGH = 5, GAIN = 6, CHECK = 7, MULTIPLY = 8,
    ALIGN = 9, SHIFT = 10, OLD = 11, CHANGE = 12, HOLD = 13, LOW = 14, HIGH = 15, WRITE = 16, PRODUCT = 17, SUM = 18,
    STORE = 19, STORE_HIGH = 20, COPY = 21, COPY_WRITE = 22, COPIED = 23, SAVE = 24, DONE = 25;
  (* fsm_encoding = "none" *) reg [4:0] state;
  wire learns = ~traces & ~copies;
  wire [`CORE_COUNT_BITS-1:0] inner = inner_or_factor[`CORE_COUNT_BITS-1:0];
  assign done = state == DONE;

  // ---- the outer loop: 16 bits of the source at a time
  reg [`CORE_COUNT_BITS-1:0] outer_left, inner_left;
  reg [15:0] bits;
  reg [4:0] bits_left;
  reg spiked;
  wire lacks_word = ~everyone & bits_left == 0;
  wire acts = everyone | bits[0];
  wire ends = outer_left == 0;
  assign activity_read = state == OUTER;

  // ---- addresses: of traces two words each, of the table four for each neuron
  reg [14:0] trace;
  reg [13:0] row;
  reg [15:0] row_start, weight;
  reg [3:0] word;
  reg half;
  wire [`CORE_COUNT_BITS-1:0] one = 1;
  wire [15:0] outer_stride = {{(16 - `CORE_COUNT_BITS) {1'b0}}, by_inner ? inner : one};
  wire [15:0] inner_stride = {{(16 - `CORE_COUNT_BITS) {1'b0}}, by_inner ? one : outer};
  always @*
    case (state)
      LOAD, SAVE: memory_address = {generator, state == SAVE ? word[2:0] - 3'd1 : word[2:0]};
      GAIN: memory_address = {row, 2'd`CORE_TABLE_GAIN};
      CHECK: memory_address = {row, 2'd`CORE_TABLE_SHIFT};
      CHANGE, HOLD: memory_address = {row, 2'd`CORE_TABLE_LOWEST};
      LOW: memory_address = {row, 2'd`CORE_TABLE_HIGHEST};
      OLD, WRITE, COPY: memory_address = weight;
      default: memory_address = {trace, half};
    endcase

  // ---- a trace times A or a gain m
  reg signed [25:0] x;
  reg signed [15:0] multiplier;
  reg signed [41:0] product;
  wire silent = x == 0;
  always @(posedge clk) begin
    if (traces) multiplier <= inner_or_factor;
    else if (state == CHECK) multiplier <= memory_q;
    product <= x * multiplier;
  end

  // ---- the next trace
  wire signed [25:0] decayed = decays ? {product[40:15]} : x;
  // Rounded towards 0: a negative number that is not whole is one more.
  wire rounds_up = decays & product[41] & |product[14:0];
  wire [25:0] next_x = decayed + {9'd0, spiked, 16'd0} + {25'd0, rounds_up};
  // Only 2^24 and what is above it have bit 24 without the sign.
  wire full = next_x[24] & ~next_x[25];
  wire begins = sets & spiked;

  // ---- a change: the product, shifted bit by bit, and the carry of its fraction with the number drawn
  reg [5:0] shift, shifts_left;
  reg signed [42:0] change;
  reg carry;
  wire drawn;
  wire shifts_change = shifts_left <= shift;
  wire shifts_drawn = shifts_left <= 32;
  wire shifting = state == SHIFT & shifts_left != 0;

  // ---- the weight
  reg signed [15:0] value;
  wire [18:0] sum = {{3{value[15]}}, value} + {change[17], change[17:0]} + {18'd0, carry};
  wire far = change[42:17] != {26{change[42]}};
  wire beyond = far | sum[18:15] != {4{sum[18]}};
  wire sign = far ? change[42] : sum[18];
  wire below = value < $signed(memory_q);

  // ---- the generator
  wire draws = state == MULTIPLY & ~silent & multiplier != 0;
  wire [15:0] generator_word;
  random random (
    .clk(clk), .rst(rst), .load(state == LOAD & word != 0),
    .number(state == SAVE ? word[2:0] : word[2:0] - 3'd1), .word(memory_q), .read(generator_word), .draw(draws),
    .next(shifting & shifts_drawn), .drawn(drawn)
  );

  assign memory_write =
    state == WRITE | state == STORE | state == STORE_HIGH | state == COPIED | state == SAVE & word != 0;
  always @*
    case (state)
      STORE: memory_data = x[15:0];
      STORE_HIGH: memory_data = {{6{x[25]}}, x[25:16]};
      SAVE: memory_data = generator_word;
      default: memory_data = value;  // WRITE, COPIED
    endcase

  // Whether the present neuron of the inner loop is done, and that of the outer one.
  wire skips = state == CHECK & learns & ~visits & (silent | memory_q == 0);
  wire inner_done = skips | state == WRITE;

  always @(posedge clk) begin
    case (state)
      IDLE: begin
        outer_left <= outer;
        bits_left <= 0;
        activity_address <= source;
        trace <= first_trace;
        row <= first_row;
        row_start <= first_weight;
        word <= 0;
        half <= 0;
        if (start) state <= learns ? LOAD : OUTER;
      end
      LOAD: begin
        word <= word + 1'b1;
        if (word[3]) begin
          word <= 0;
          state <= OUTER;
        end
      end
      OUTER:
        if (ends) state <= learns ? SAVE : DONE;
        else if (lacks_word) begin
          activity_address <= activity_address + 1'b1;
          state <= WORD;
        end else begin
          bits <= {1'b0, bits[15:1]};
          bits_left <= bits_left - 1'b1;
          spiked <= bits[0] & ~everyone;
          outer_left <= outer_left - 1'b1;
          weight <= row_start;
          inner_left <= inner;
          row_start <= row_start + outer_stride;
          if (learns) begin
            if (by_inner) row <= first_row;
            trace <= first_trace;
          end
          if (copies) state <= COPY;
          else if (acts | decays) state <= TRACE;
          else if (traces) trace <= trace + 1'b1;
          else if (~by_inner) row <= row + 1'b1;
        end
      WORD: begin
        bits <= activity_q;
        bits_left <= 16;
        state <= OUTER;
      end

      TRACE: begin
        half <= 1;
        state <= TRACE_HIGH;
      end
      TRACE_HIGH: begin
        x[15:0] <= memory_q;
        half <= 0;
        state <= GAIN;
      end
      GAIN: begin
        x[25:16] <= memory_q[9:0];
        if (learns) trace <= trace + 1'b1;
        state <= traces ? PRODUCT : CHECK;
      end

      PRODUCT:
        if (silent & ~spiked) begin
          trace <= trace + 1'b1;
          state <= OUTER;
        end else state <= SUM;
      SUM: begin
        x <= {next_x[25:24], next_x[23:0] & {24{~full}}};
        if (begins) x <= 26'h10000;
        state <= STORE;
      end
      STORE: begin
        half <= 1;
        state <= STORE_HIGH;
      end
      STORE_HIGH: begin
        half <= 0;
        trace <= trace + 1'b1;
        state <= OUTER;
      end

      CHECK: begin
        change <= 0;
        carry <= 0;
        if (~skips) state <= MULTIPLY;
      end
      MULTIPLY: begin
        shift <= memory_q[5:0];
        state <= draws ? ALIGN : OLD;
      end
      ALIGN: begin
        change <= {product[40:0], 2'd0};
        shifts_left <= shift > 32 ? shift : 6'd32;
        state <= SHIFT;
      end
      SHIFT: begin
        if (shifts_change) change <= {change[42], change[42:1]};
        carry <= shifts_change & shifts_drawn & (change[0] & drawn | carry & (change[0] | drawn));
        shifts_left <= shifts_left - 1'b1;
        if (shifts_left == 0) begin
          change <= change;
          carry <= carry;
          state <= OLD;
        end
      end
      OLD: state <= CHANGE;
      CHANGE: begin
        value <= memory_q;
        state <= HOLD;
      end
      HOLD: begin
        value <= beyond ? {sign, {15{~sign}}} : sum[15:0];
        state <= LOW;
      end
      LOW: begin
        if (below) value <= memory_q;
        state <= HIGH;
      end
      HIGH: begin
        if (~below) value <= memory_q;
        state <= WRITE;
      end

      COPY: state <= COPY_WRITE;
      COPY_WRITE: begin
        value <= memory_q;
        state <= COPIED;
      end
      COPIED: begin
        half <= ~half;
        if (half) trace <= trace + 1'b1;
        state <= OUTER;
      end

      SAVE: begin
        word <= word + 1'b1;
        if (word[3]) state <= DONE;
      end
      default: state <= IDLE;  // DONE
    endcase
    if (inner_done) begin
      weight <= weight + inner_stride;
      inner_left <= inner_left - 1'b1;
      if (by_inner) row <= row + 1'b1;
      else if (inner_left == 1) row <= row + 1'b1;
      state <= inner_left == 1 ? OUTER : TRACE;
    end
    if (rst) state <= IDLE;
  end

`ifdef FORMAL
`define UNIT_LAST DONE
`define UNIT_ASKS memory_write | activity_read
`include "formal/unit.vh"
`endif
endmodule
