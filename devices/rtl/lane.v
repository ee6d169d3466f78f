`default_nettype none

// One of two lanes, of the even or of the odd neurons: multiplies a weight with the value that arrives, and adds it to
// the sum x of a neuron. Four stages: both are taken, multiplied, shifted (while the sum is read), added. So two
// weights for the same neuron must be two cycles apart.
module lane #(parameter PAIR_BITS = 9) (
  input wire clk,
  // Cycle 1: a weight and the value that arrives.
  input wire signed [7:0] weight,
  input wire signed [7:0] value,
  // Cycle 2: to which neuron, and h. Weights of 0 write nothing.
  input wire arrives,
  input wire [PAIR_BITS-1:0] arrives_at,
  input wire [3:0] shift,
  // The step of a neuron: reads its sum, which stays in `sum` until the next read, and leaves it 0.
  input wire read,
  input wire clear,
  input wire [PAIR_BITS-1:0] pair,
  output wire signed [31:0] sum
);
  reg signed [7:0] taken_weight, taken_value;
  reg signed [15:0] product;
  reg multiplied;
  reg [3:0] shifts_by;
  reg signed [31:0] shifted;
  reg adds;
  reg [PAIR_BITS-1:0] reads_at, adds_to;

  wire signed [31:0] extended = {{16{product[15]}}, product};

  always @(posedge clk) begin
    taken_weight <= weight;
    taken_value <= value;
    product <= taken_weight * taken_value;
    multiplied <= arrives & taken_weight != 0;
    reads_at <= arrives_at;
    shifts_by <= shift;
    shifted <= extended <<< shifts_by;
    adds <= multiplied;
    adds_to <= reads_at;
  end

  // Clearing comes first: after a reset something may still be on its way.
  ram #(.BITS(PAIR_BITS), .WIDTH(32)) sums (
    .clk(clk),
    .read(multiplied | read), .read_address(multiplied ? reads_at : pair), .q(sum),
    .write(adds | clear), .write_address(clear ? pair : adds_to), .data(clear ? 32'd0 : sum + shifted)
  );
endmodule
