`include "description.vh"
`default_nettype none

// The core alone on a board, its host bus behind a shift register: for reports of area and clock.
module bare #(parameter MEMORY_BITS = 16) (
  input wire clk,
  input wire rst,
  input wire shift_in,
  input wire latch,
  input wire start,
  output wire shift_out,
  output wire busy
);
  // {write, address, word}
  reg [36:0] request;
  reg [15:0] answer;
  reg request_valid, resets, starts;
  wire ready, answered;
  wire [15:0] read;

  always @(posedge clk) begin
    resets <= rst;
    starts <= start;
    request <= latch ? request : {request[35:0], shift_in};
    request_valid <= latch | (request_valid & ~ready);
    answer <= answered ? read : {answer[14:0], 1'b0};
  end
  assign shift_out = answer[15];

  core #(.MEMORY_BITS(MEMORY_BITS)) core (
    .clk(clk), .rst(resets), .h_valid(request_valid), .h_write(request[36]), .h_addr(request[35:16]),
    .h_wdata(request[15:0]), .h_ready(ready), .h_rvalid(answered), .h_rdata(read), .start(starts), .busy(busy)
  );
endmodule
