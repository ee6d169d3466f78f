// A board on a serial line of clk / DIV bits a second.
module uart_board #(
    parameter DIV = 8,
    parameter MEMORY_BITS = 16,
    parameter LEARNING = 1
) (
    input  wire clk,
    input  wire rst,
    input  wire rxd,
    output wire txd,
    output wire busy,
    output wire beat
);
  wire [7:0] rx_data, tx_data;
  wire rx_valid, rx_bad, tx_valid, tx_ready;

  uart #(.DIV(DIV)) line (
      .clk(clk), .rst(rst), .rxd(rxd), .txd(txd),
      .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );
  device #(.MEMORY_BITS(MEMORY_BITS), .LEARNING(LEARNING)) board (
      .clk(clk), .rst(rst),
      .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready), .busy(busy), .beat(beat)
  );
endmodule
