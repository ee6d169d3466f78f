// A whole board with an ECP5: the pins of pins.lpf, a clock of 60 MHz, a reset after power-up, and the line, UART or
// with LINE_SPI its pins. The PLL makes 600 MHz of the oscillator · CLOCK_UP · 10 / CLOCK_DOWN, and divides that by 10.
module board #(
    parameter CLOCK_DOWN = 5,
    parameter CLOCK_UP = 12,
    parameter LEARNING = 1
) (
    input  wire oscillator,
`ifdef LINE_SPI
    input  wire sck,
    input  wire mosi,
    input  wire cs_n,
    output wire miso,
`else
    input  wire rxd,
    output wire txd,
`endif
    output wire beat_led,
    output wire busy_led
);
  wire clk, locked;
  (* FREQUENCY_PIN_CLKOP = "60" *)
  EHXPLLL #(
      .CLKI_DIV(CLOCK_DOWN), .CLKFB_DIV(CLOCK_UP), .FEEDBK_PATH("CLKOP"),
      .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(10), .CLKOP_CPHASE(9), .CLKOP_FPHASE(0),
      .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED"),
      .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD")
  ) pll (
      .CLKI(oscillator), .CLKFB(clk), .CLKOP(clk), .LOCK(locked), .CLKINTFB(),
      .RST(1'b0), .STDBY(1'b0), .ENCLKOP(1'b0), .PLLWAKESYNC(1'b0),
      .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b0), .PHASESTEP(1'b0), .PHASELOADREG(1'b0)
  );

  reg [8:0] since = 0;
  wire rst = !since[8];
  always @(posedge clk)
    if (!locked) since <= 0;
    else if (rst) since <= since + 1'b1;

  wire busy, beat;
`ifdef LEDS_ACTIVE_LOW
  assign {beat_led, busy_led} = ~{beat, busy};
`else
  assign {beat_led, busy_led} = {beat, busy};
`endif
`ifdef LINE_SPI
  spi_board #(.MEMORY_BITS(15), .LEARNING(LEARNING)) device (
      .clk(clk), .rst(rst), .sck(sck), .mosi(mosi), .cs_n(cs_n), .miso(miso), .busy(busy), .beat(beat)
  );
`else
  uart_board #(.DIV(20), .MEMORY_BITS(15), .LEARNING(LEARNING)) device (
      .clk(clk), .rst(rst), .rxd(rxd), .txd(txd), .busy(busy), .beat(beat)
  );
`endif
endmodule
