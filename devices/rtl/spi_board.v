// A board on SPI, as its slave.
module spi_board #(
    parameter MEMORY_BITS = 16,
    parameter LEARNING = 1
) (
    input  wire clk,
    input  wire rst,
    input  wire sck,
    input  wire mosi,
    input  wire cs_n,
    output wire miso,
    output wire busy,
    output wire beat
);
  wire [7:0] rx_data, tx_data;
  wire rx_valid, tx_valid, tx_ready;

  spi_slave line (
      .clk(clk), .rst(rst), .sck(sck), .mosi(mosi), .cs_n(cs_n), .miso(miso),
      .rx_data(rx_data), .rx_valid(rx_valid), .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );
  device #(.MEMORY_BITS(MEMORY_BITS), .LEARNING(LEARNING)) board (
      .clk(clk), .rst(rst),
      .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(1'b0),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready), .busy(busy), .beat(beat)
  );
endmodule
