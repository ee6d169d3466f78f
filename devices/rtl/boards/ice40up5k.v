// A whole board with an iCE40UP5K: the pins of pins.pcf, a clock from 12 MHz, a reset after power-up, and the line, a
// UART of 3 Mbaud or with LINE_SPI its pins.
module board #(
    parameter CLOCK = 24,  // MHz: 24, 18 or 12
    parameter LEARNING = 0
) (
    input  wire oscillator,  // 12 MHz
`ifdef LINE_SPI
    input  wire sck,
    input  wire mosi,
    input  wire cs_n,
    output wire miso,
`else
    input  wire rxd,
    output wire txd,
`endif
`ifdef FLASH_CS
    output wire flash_cs_n,
`endif
    output wire beat_n,
    output wire busy_n
);
  // The PLL makes 12 MHz · (DIVF + 1), 533 to 1066 MHz, and divides that by 2^DIVQ.
  localparam [6:0] DIVF = CLOCK == 18 ? 47 : 63;
  localparam [2:0] DIVQ = CLOCK == 12 ? 6 : 5;
  wire clk, locked;
`ifdef CLOCK_PAD
  // Its pin is the one that leads straight to the PLL.
  SB_PLL40_PAD #(
      .FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(3'd1)
  ) pll (
      .PACKAGEPIN(oscillator), .PLLOUTGLOBAL(clk), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0)
  );
`else
  SB_PLL40_CORE #(
      .FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(3'd1)
  ) pll (
      .REFERENCECLK(oscillator), .PLLOUTGLOBAL(clk), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0)
  );
`endif

  // Block RAM may not be read in the first microseconds after configuration.
  reg [8:0] since = 0;
  wire rst = !since[8];
  always @(posedge clk)
    if (!locked) since <= 0;
    else if (rst) since <= since + 1'b1;

  wire busy, beat;
  assign beat_n = !beat;
  assign busy_n = !busy;
`ifdef FLASH_CS
  // The flash shares pins with the line, and must stay silent.
  assign flash_cs_n = 1;
`endif
`ifdef LINE_SPI
  spi_board #(.LEARNING(LEARNING)) device (
      .clk(clk), .rst(rst), .sck(sck), .mosi(mosi), .cs_n(cs_n), .miso(miso), .busy(busy), .beat(beat)
  );
`else
  uart_board #(.DIV(CLOCK / 3), .LEARNING(LEARNING)) device (
      .clk(clk), .rst(rst), .rxd(rxd), .txd(txd), .busy(busy), .beat(beat)
  );
`endif
endmodule
