// A serial line of 8 data bits, no parity, 1 stop bit, at clk / DIV (4 or more). A byte that comes is one cycle of
// rx_valid, since a line cannot wait; rx_bad is a wrong stop bit.
module uart #(
    parameter DIV = 8
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       rxd,
    output reg        txd,
    output reg  [7:0] rx_data,
    output reg        rx_valid,
    output reg        rx_bad,
    input  wire [7:0] tx_data,
    input  wire       tx_valid,
    output wire       tx_ready
);
  localparam WIDTH = $clog2(DIV + DIV / 2);
  localparam [WIDTH-1:0] BIT = WIDTH'(DIV - 1);
  // From the edge of the start bit to the middle of the first data bit.
  localparam [WIDTH-1:0] FIRST = WIDTH'(DIV + DIV / 2 - 1);

  reg [2:0] seen;
  reg [WIDTH-1:0] rx_count, tx_count;
  reg [3:0] rx_left, tx_left;
  reg [7:0] rx_bits;
  reg [8:0] tx_bits;

  assign tx_ready = tx_left == 0;

  always @(posedge clk) begin
    seen <= {seen[1:0], rxd};
    rx_valid <= 0;
    rx_bad <= 0;
    if (rx_left == 0) begin
      // Only the edge begins a byte, so that a line which is held low gives no bytes.
      if (seen[2] && !seen[1]) begin
        rx_left <= 9;
        rx_count <= FIRST;
      end
    end else if (rx_count != 0) rx_count <= rx_count - 1'b1;
    else begin
      rx_count <= BIT;
      rx_left <= rx_left - 1'b1;
      rx_bits <= {seen[1], rx_bits[7:1]};
      if (rx_left == 1) begin
        rx_data <= rx_bits;
        rx_valid <= seen[1];
        rx_bad <= !seen[1];
      end
    end

    if (tx_left == 0) begin
      if (tx_valid) begin
        tx_left <= 10;
        tx_count <= BIT;
        tx_bits <= {1'b1, tx_data};
        txd <= 0;
      end
    end else if (tx_count != 0) tx_count <= tx_count - 1'b1;
    else begin
      tx_count <= BIT;
      tx_left <= tx_left - 1'b1;
      txd <= tx_bits[0];
      tx_bits <= {1'b1, tx_bits[8:1]};
    end

    if (rst) begin
      seen <= 3'b111;
      txd <= 1;
      rx_left <= 0;
      tx_left <= 0;
    end
  end
endmodule
