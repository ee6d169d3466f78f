`default_nettype none

// A block RAM that reads and writes in the same cycle. q keeps its word until the next read. Reading a word in the
// cycle in which it is written gives the word before.
module ram #(parameter BITS = 8, parameter WIDTH = 16) (
  input wire clk,
  input wire read,
  input wire [BITS-1:0] read_address,
  output reg [WIDTH-1:0] q,
  input wire write,
  input wire [BITS-1:0] write_address,
  input wire [WIDTH-1:0] data
);
  reg [WIDTH-1:0] words [0:(1 << BITS) - 1];

  always @(posedge clk) begin
    if (read) q <= words[read_address];
    if (write) words[write_address] <= data;
  end
endmodule
