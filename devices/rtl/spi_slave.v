// SPI mode 0, most significant bit first, sampled by clk (at least 6 times as fast as sck). Sends flags while there is
// nothing else.
module spi_slave (
    input  wire       clk,
    input  wire       rst,
    input  wire       sck,
    input  wire       mosi,
    input  wire       cs_n,
    output wire       miso,
    output reg  [7:0] rx_data,
    output reg        rx_valid,
    input  wire [7:0] tx_data,
    input  wire       tx_valid,
    output reg        tx_ready
);
  localparam [7:0] FLAG = 8'h7E;

  reg [2:0] clock, selected;
  reg [1:0] data;
  reg [2:0] count;
  reg [6:0] rx_bits;
  reg [7:0] tx_bits;
  reg taken;
  wire rising = clock[1] && !clock[2];
  wire falling = !clock[1] && clock[2];
  wire begins = selected[1] && !selected[2];

  assign miso = tx_bits[7];

  always @(posedge clk) begin
    clock <= {clock[1:0], sck};
    selected <= {selected[1:0], !cs_n};
    data <= {data[0], mosi};
    rx_valid <= 0;
    tx_ready <= 0;
    if (!selected[1]) count <= 0;
    else if (rising) begin
      count <= count + 1'b1;
      rx_bits <= {rx_bits[5:0], data[1]};
      if (count == 7) begin
        rx_data <= {rx_bits, data[1]};
        rx_valid <= 1;
      end
    end else if (falling && count != 0) tx_bits <= {tx_bits[6:0], 1'b0};
    // A new byte is put out after the last edge of the one before, and when the board is selected. It counts as taken
    // with its first rising edge: what was put out and never clocked is put out again.
    if (begins || (falling && count == 0)) begin
      tx_bits <= tx_valid ? tx_data : FLAG;
      taken <= tx_valid;
    end
    if (rising && selected[1] && count == 0) tx_ready <= taken;

    if (rst) begin
      clock <= 0;
      selected <= 0;
      data <= 0;
      tx_bits <= FLAG;
      taken <= 0;
    end
  end
endmodule
