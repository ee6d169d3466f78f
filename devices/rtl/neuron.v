`include "description.vh"
`default_nettype none

// The arithmetic of a neuron, docs/semantics.md section 2. It holds the words of one record, computes a step with one
// multiplier and one adder, and leaves the new state and what the neuron emits. The equations, where e is the x that
// arrives, or with a current j after it was updated by the same two lines:
//
//   t = bias + e * gain + state * decay      (products rounded >> 15)
//   state = sat_M(t)
//
// then for spikes t = max(t, floor); while t > threshold: t = t - s or r; sat_M; max(t, floor), and for a read-out
// sat_8((min(max(t, floor), ceiling) + 2^(g-1)) >> g).
module neuron (
  input wire clk,
  input wire rst,
  // Loads words of the record, one at a time, by its number.
  input wire [`CORE_RECORD_WORDS-1:0] load,
  input wire [15:0] loaded,
  // Of the shared record: takes the counts of held numbers from the places of current and membrane, and puts them back.
  input wire take_counts,
  input wire give_counts,
  // A step.
  input wire start,
  output wire done,
  input wire signed [31:0] x,
  // Fields of the instruction.
  input wire read_out,
  input wire has_current,
  input wire subtract,
  input wire many,
  input wire wide,
  input wire unshifted,
  input wire [4:0] hand_on,
  // The state, and what the neuron emits.
  output reg [15:0] refractory,
  output reg signed [31:0] current,
  output reg signed [31:0] membrane,
  output reg [7:0] emitted
);
  localparam IDLE = 0, ENTER = 1, MULTIPLY = 2, ADD_ENTERING = 3, ADD_DECAYED = 4, HOLD = 5, FLOOR = 6, COMPARE = 7,
    HOLD_RESET = 8, FLOOR_RESET = 9, SHIFT = 10, ROUND = 11, HOLD_OUTPUT = 12, DONE = 13, DECIDE = 14;
  reg [3:0] state;

  // ---- the constants of a record
  reg signed [31:0] current_bias, bias, floor, threshold, reset;
  reg signed [15:0] current_decay, current_gain, decay, input_gain;
  reg [15:0] rest;
  wire [31:0] extended = {{16{loaded[15]}}, loaded};

  always @(posedge clk) begin
    // A lower half is extended with its sign; an upper half follows where there is one.
    if (load[`CORE_RECORD_CURRENT_DECAY]) current_decay <= loaded;
    if (load[`CORE_RECORD_CURRENT_GAIN]) current_gain <= loaded;
    if (load[`CORE_RECORD_CURRENT_BIAS]) current_bias <= extended;
    if (load[`CORE_RECORD_CURRENT_BIAS_HIGH]) current_bias[31:16] <= loaded;
    if (load[`CORE_RECORD_DECAY]) decay <= loaded;
    if (load[`CORE_RECORD_BIAS]) bias <= extended;
    if (load[`CORE_RECORD_BIAS_HIGH]) bias[31:16] <= loaded;
    if (load[`CORE_RECORD_FLOOR]) floor <= extended;
    if (load[`CORE_RECORD_FLOOR_HIGH]) floor[31:16] <= loaded;
    if (load[`CORE_RECORD_THRESHOLD]) threshold <= extended;
    if (load[`CORE_RECORD_THRESHOLD_HIGH]) threshold[31:16] <= loaded;
    if (load[`CORE_RECORD_RESET]) reset <= extended;
    if (load[`CORE_RECORD_RESET_HIGH]) reset[31:16] <= loaded;
    if (load[`CORE_RECORD_REST]) rest <= loaded;
    if (load[`CORE_RECORD_INPUT_GAIN]) input_gain <= loaded;
  end

  // ---- multiplier: two operands, then their product
  // Whether the current has been updated, if there is one, so that it is the turn of the membrane.
  reg membranes_turn;
  reg signed [31:0] factor;
  reg signed [15:0] other_factor;
  reg signed [47:0] product;
  // -32,768 stands for 32,768: the product then counts negated.
  reg negated;

  always @(posedge clk) begin
    factor <= state == ENTER ? (membranes_turn & has_current ? current : x) : membranes_turn ? membrane : current;
    other_factor <=
      state == ENTER ? (membranes_turn & has_current ? current_gain : input_gain)
      : membranes_turn ? decay : current_decay;
    product <= factor * other_factor;
    negated <= other_factor == 16'sh8000;
  end

  // ---- adder
  reg signed [33:0] t;
  reg last_bit_shifted_out;
  wire signed [33:0] wide_reset = {{2{reset[31]}}, reset};
  wire signed [31:0] turns_bias = membranes_turn ? bias : current_bias;
  // The x of F >= 0 is shifted to the left, and its product fits 32 bits: loading a model proves that.
  wire shifts_left = unshifted & state == ADD_ENTERING & ~(membranes_turn & has_current);
  wire signed [33:0] scaled;
  wire scaled_carry;
  scale scale (
    .product(product), .negated(negated), .unshifted(shifts_left), .operand(scaled), .carry(scaled_carry)
  );

  reg signed [33:0] operand;
  reg carry;
  always @*
    case (state)
      ADD_ENTERING, ADD_DECAYED: {operand, carry} = {scaled, scaled_carry};
      DECIDE: {operand, carry} = {~wide_reset, 1'b1};
      default: {operand, carry} = {34'd0, last_bit_shifted_out};  // ROUND
    endcase
  wire signed [33:0] base = state == ADD_ENTERING ? {{2{turns_bias[31]}}, turns_bias} : t;
  wire signed [33:0] sum = base + operand + {33'd0, carry};

  // ---- comparison and saturation
  // The floor or the threshold, chosen a cycle ahead. t > bound, as the sign of t - bound - 1: a chain of carries,
  // which on an iCE40 is shorter than what Yosys makes of a comparison.
  reg signed [31:0] bound;
  wire signed [33:0] wide_bound = {{2{bound[31]}}, bound};
  /* verilator lint_off UNUSEDSIGNAL */
  wire signed [34:0] excess = {t[33], t} + ~{wide_bound[33], wide_bound};
  /* verilator lint_on UNUSEDSIGNAL */
  wire above = ~excess[34];
  // Much hangs on a spike, so it is decided a cycle later.
  reg exceeds;

  wire signed [33:0] held;
  wire high, low;
  saturate saturate (
    .value(t), .byte_wide(state == HOLD_OUTPUT), .wide(wide), .held(held), .high(high), .low(low)
  );
  // A reset to a value counts nothing: the value fits.
  wire holds = state == HOLD | state == HOLD_RESET | state == HOLD_OUTPUT;

  reg [31:0] high_count, low_count;
  always @(posedge clk)
    if (take_counts) begin
      high_count <= current;
      low_count <= membrane;
    end else if (holds) begin
      high_count <= high_count + {31'd0, high};
      low_count <= low_count + {31'd0, low};
    end

  // ---- a step
  reg [4:0] shifts_left_over;
  wire [6:0] most_spikes = many ? 7'd127 : 7'd1;
  wire spikes_again = exceeds & emitted[6:0] != most_spikes;
  assign done = state == DONE;

  always @(posedge clk) begin
    case (state)
      IDLE: begin
        membranes_turn <= ~has_current;
        if (start) begin
          emitted <= 0;
          state <= ENTER;
        end
      end
      ENTER:
        if (membranes_turn & refractory != 0) begin
          refractory <= refractory - 1'b1;
          state <= DONE;
        end else state <= MULTIPLY;
      MULTIPLY: state <= ADD_ENTERING;
      ADD_ENTERING: begin
        t <= sum;
        state <= ADD_DECAYED;
      end
      ADD_DECAYED: begin
        t <= sum;
        state <= HOLD;
      end
      HOLD: begin
        t <= held;
        bound <= floor;
        if (membranes_turn) state <= FLOOR;
        else begin
          current <= held[31:0];
          membranes_turn <= 1;
          state <= ENTER;
        end
      end
      FLOOR: begin
        // The membrane of a read-out has no floor: only what it hands on.
        if (read_out) membrane <= t[31:0];
        if (~above) t <= wide_bound;
        bound <= threshold;
        state <= COMPARE;
      end
      COMPARE: begin
        exceeds <= above;
        state <= DECIDE;
      end
      DECIDE:
        if (read_out) begin
          if (exceeds) t <= wide_bound;
          shifts_left_over <= hand_on;
          state <= SHIFT;
        end else if (spikes_again) begin
          t <= subtract ? sum : wide_reset;
          emitted <= emitted + 1'b1;
          refractory <= rest;
          state <= COMPARE;
        end else if (emitted != 0) state <= HOLD_RESET;
        else begin
          membrane <= t[31:0];
          state <= DONE;
        end
      HOLD_RESET: begin
        t <= held;
        bound <= floor;
        state <= FLOOR_RESET;
      end
      FLOOR_RESET: begin
        membrane <= above ? t[31:0] : bound;
        state <= DONE;
      end
      SHIFT: begin
        {t, last_bit_shifted_out} <= {t[33], t};
        shifts_left_over <= shifts_left_over - 1'b1;
        if (shifts_left_over == 1) state <= ROUND;
      end
      ROUND: begin
        t <= sum;
        state <= HOLD_OUTPUT;
      end
      HOLD_OUTPUT: begin
        emitted <= held[7:0];
        state <= DONE;
      end
      default: state <= IDLE;  // DONE
    endcase

    if (load[`CORE_RECORD_REFRACTORY]) refractory <= loaded;
    if (load[`CORE_RECORD_CURRENT]) current <= extended;
    if (load[`CORE_RECORD_CURRENT_HIGH]) current[31:16] <= loaded;
    if (load[`CORE_RECORD_MEMBRANE]) membrane <= extended;
    if (load[`CORE_RECORD_MEMBRANE_HIGH]) membrane[31:16] <= loaded;
    if (give_counts) begin
      current <= high_count;
      membrane <= low_count;
    end
    if (rst) state <= IDLE;
  end
endmodule
