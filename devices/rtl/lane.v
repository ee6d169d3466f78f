`default_nettype none

// One of two lanes, of the even or of the odd neurons: multiplies a weight with the value that arrives, and adds it to
// the sum x of a neuron. Three cycles: product, shift (while the sum is read), sum.
module lane #(parameter PAIR_BITS = 9) (
  input wire clk,
  // Cycle 1: a weight and the value that arrives.
  input wire signed [7:0] weight,
  input wire signed [7:0] value,
  // Cycle 2: to which neuron. Weights of 0 write nothing.
  input wire arrives,
  input wire [PAIR_BITS-1:0] arrives_at,
  input wire [3:0] shift,
  // The step of a neuron: reads its sum, which stays in `sum` until the next read, and leaves it 0.
  input wire read,
  input wire clear,
  input wire [PAIR_BITS-1:0] pair,
  output wire signed [31:0] sum
);
  reg signed [15:0] product;
  reg product_counts;
  reg signed [31:0] shifted;
  reg adds;
  reg [PAIR_BITS-1:0] adds_to;

  wire signed [31:0] extended = {{16{product[15]}}, product};

  always @(posedge clk) begin
    product <= weight * value;
    product_counts <= weight != 0;
    shifted <= extended <<< shift;
    adds <= arrives & product_counts;
    adds_to <= arrives_at;
  end

  ram #(.BITS(PAIR_BITS), .WIDTH(32)) sums (
    .clk(clk),
    .read(arrives | read), .read_address(arrives ? arrives_at : pair), .q(sum),
    .write(adds | clear), .write_address(clear ? pair : adds_to), .data(clear ? 32'd0 : sum + shifted)
  );
endmodule
