// What every board has: the link on the bytes of some line, and the core.
module device #(
    parameter MEMORY_BITS = 16,  // 2^MEMORY_BITS words of memory in the core
    parameter LEARNING = 1  // 0: a core that does not learn
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] rx_data,
    input  wire       rx_valid,
    input  wire       rx_bad,
    output wire [7:0] tx_data,
    output wire       tx_valid,
    input  wire       tx_ready,
    output wire       busy, // on a request, or on a step
    output wire       beat  // changes a few times a second
);
  wire h_valid, h_write, h_ready, h_rvalid, start, core_busy, core_reset, working;
  wire [19:0] h_addr;
  wire [15:0] h_wdata, h_rdata;

  assign busy = core_busy || working;

  link to_host (
      .clk(clk), .rst(rst),
      .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready),
      .h_valid(h_valid), .h_write(h_write), .h_addr(h_addr), .h_wdata(h_wdata),
      .h_ready(h_ready), .h_rvalid(h_rvalid), .h_rdata(h_rdata),
      .start(start), .busy(core_busy), .core_reset(core_reset), .working(working), .beat(beat)
  );
  core #(.MEMORY_BITS(MEMORY_BITS), .LEARNING(LEARNING)) net (
      .clk(clk), .rst(rst || core_reset),
      .h_valid(h_valid), .h_write(h_write), .h_addr(h_addr), .h_wdata(h_wdata),
      .h_ready(h_ready), .h_rvalid(h_rvalid), .h_rdata(h_rdata),
      .start(start), .busy(core_busy)
  );
endmodule
