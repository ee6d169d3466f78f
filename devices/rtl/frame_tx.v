// Puts a frame on a line: flags around it, its CRC behind it, and the stuffing. `last` marks the last byte of the
// payload, or of the header where there is none.
module frame_tx (
    input  wire       clk,
    input  wire       rst,
    input  wire       valid,
    input  wire [7:0] data,
    input  wire       last,
    output wire       ready,
    output reg  [7:0] tx_data,
    output reg        tx_valid,
    input  wire       tx_ready
);
  localparam [7:0] FLAG = 8'h7E, ESCAPE = 8'h7D;
  localparam [1:0] IDLE = 0, BODY = 1, CHECK = 2, END = 3;

  reg [1:0] state, check;
  reg [31:0] crc;
  reg escaped;
  wire [31:0] crc_next;
  wire can_put = !tx_valid || tx_ready;
  wire [7:0] next = state == CHECK ? ~crc[7:0] : data;
  wire is_special = next == FLAG || next == ESCAPE;
  wire has_next = state == CHECK || (state == BODY && valid);
  wire puts = can_put && has_next && (escaped || !is_special);

  // After its own lowest byte a CRC is what it was, moved by a byte.
  crc32 step (.crc(crc), .data(state == CHECK ? crc[7:0] : data), .next(crc_next));

  assign ready = puts && state == BODY;

  always @(posedge clk) begin
    if (tx_ready) tx_valid <= 0;
    if (can_put && state == IDLE && valid) begin
      tx_data <= FLAG;
      tx_valid <= 1;
      crc <= 32'hFFFFFFFF;
      state <= BODY;
    end
    if (can_put && has_next) begin
      tx_valid <= 1;
      tx_data <= puts ? (escaped ? next ^ 8'h20 : next) : ESCAPE;
      escaped <= !puts;
    end
    if (puts) crc <= crc_next;
    if (ready) begin
      check <= 0;
      if (last) state <= CHECK;
    end
    if (puts && state == CHECK) begin
      check <= check + 1'b1;
      if (check == 3) state <= END;
    end
    if (can_put && state == END) begin
      tx_data <= FLAG;
      tx_valid <= 1;
      state <= IDLE;
    end
    if (rst) begin
      state <= IDLE;
      tx_valid <= 0;
      escaped <= 0;
    end
  end
endmodule
