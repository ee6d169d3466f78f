// Takes frames out of the bytes of a line: removes the stuffing, checks length and CRC, and pushes header and payload.
// `commit` follows a good frame, `rollback` all others; `dropped` says why one cycle long.
module frame_rx #(
    parameter PAYLOAD = 504
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] rx_data,
    input  wire       rx_valid,
    input  wire       rx_bad,
    output wire       push,
    output wire [7:0] push_data,
    input  wire       room,
    output wire       commit,
    output wire       rollback,
    output wire       no_room
);
  localparam [7:0] FLAG = 8'h7E, ESCAPE = 8'h7D;
  localparam HEADER = 5, CHECK = 4;
  localparam [15:0] LONGEST = 16'(PAYLOAD + HEADER + CHECK);
  // What the register holds after a whole frame with its own CRC, whatever the frame.
  localparam [31:0] RESIDUE = 32'hDEBB20E3;

  reg [15:0] count, length;
  reg [31:0] crc;
  reg escaped, broken, full;
  wire [31:0] crc_next;
  wire [7:0] data = escaped ? rx_data ^ 8'h20 : rx_data;
  wire is_flag = rx_valid && rx_data == FLAG;
  wire is_escape = rx_valid && rx_data == ESCAPE;
  wire is_data = rx_valid && !is_flag && !is_escape && !broken;
  wire ends = is_flag && (count != 0 || broken || escaped);
  wire is_good = !broken && !escaped && count == length + HEADER + CHECK && crc == RESIDUE;

  crc32 step (.crc(crc), .data(data), .next(crc_next));

  // The length is known before the first byte that depends on it.
  assign push = is_data && !full && (count < HEADER || count < length + HEADER);
  assign push_data = data;
  assign commit = ends && is_good && !full;
  assign rollback = ends && !commit;
  assign no_room = ends && is_good && full;

  always @(posedge clk) begin
    if (rx_bad) broken <= 1;
    if (is_escape) begin
      escaped <= 1;
      if (escaped) broken <= 1;
    end
    if (is_data) begin
      escaped <= 0;
      crc <= crc_next;
      count <= count + 1'b1;
      if (count == 0) length[7:0] <= data;
      if (count == 1) length[15:8] <= data;
      if (count == LONGEST) broken <= 1;
      if (count == 2 && length > PAYLOAD) broken <= 1;
      if (push && !room) full <= 1;
    end
    if (is_flag || rst) begin
      count <= 0;
      length <= 0;
      crc <= 32'hFFFFFFFF;
      escaped <= 0;
      broken <= 0;
      full <= 0;
    end
  end

`ifdef FORMAL
`include "formal/frame_rx.vh"
`endif
endmodule
