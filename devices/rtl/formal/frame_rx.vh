// Properties of frame_rx, whatever bytes come on the line and whenever: a frame is taken only if its CRC and its length
// are right, and header and payload were handed on, all of them. Proved by induction, so for frames of any length.
//
// The CRC is computed again in another way: bit by bit in the order of the line, by the polynomial 04C11DB7, not
// reflected, over all but the last four bytes, and compared with those. The register begins so that the preset is
// reached with four zeros, which stand before the first byte.
reg [15:0] f_count, f_length, f_handed;
reg [31:0] f_last, f_register, f_whole;
reg f_escaped, f_wrong, f_started = 0;
wire [7:0] f_plain = f_escaped ? rx_data ^ 8'h20 : rx_data;
localparam [31:0] BEFORE_PRESET = 32'h46AF6449;

function [31:0] by_bits(input [31:0] from, input [7:0] with_byte);
  integer k;
  begin
    by_bits = from;
    for (k = 0; k < 8; k = k + 1)
      by_bits = {by_bits[30:0], 1'b0} ^ ((by_bits[31] ^ with_byte[k]) ? 32'h04C11DB7 : 32'd0);
  end
endfunction

function [31:0] mirrored(input [31:0] of);
  integer k;
  for (k = 0; k < 32; k = k + 1) mirrored[k] = of[31-k];
endfunction

wire [31:0] f_four = by_bits(by_bits(by_bits(by_bits(f_register, f_last[7:0]), f_last[15:8]), f_last[23:16]), f_last[31:24]);

always @(posedge clk) begin
  f_started <= 1;
  if (rx_bad) f_wrong <= 1;
  if (push && room) f_handed <= f_handed + 1'b1;
  if (rx_valid && rx_data == 8'h7D) begin
    f_escaped <= 1;
    if (f_escaped) f_wrong <= 1;
  end else if (rx_valid && rx_data != 8'h7E && !f_wrong) begin
    f_escaped <= 0;
    f_last <= {f_plain, f_last[31:8]};
    f_register <= by_bits(f_register, f_last[7:0]);
    f_whole <= by_bits(f_whole, f_plain);
    if (f_count == 0) f_length[7:0] <= f_plain;
    if (f_count == 1) f_length[15:8] <= f_plain;
    f_count <= f_count + 1'b1;
  end
  if (rst || (rx_valid && rx_data == 8'h7E)) begin
    f_count <= 0;
    f_handed <= 0;
    f_length <= 0;
    f_last <= 0;
    f_register <= BEFORE_PRESET;
    f_whole <= 32'hFFFFFFFF;
    f_escaped <= 0;
    f_wrong <= 0;
  end
end

always @* if (!f_started) assume (rst);

always @(posedge clk)
  if (f_started && !rst) begin
    // What the induction needs: both sides agree as long as nothing is wrong.
    if (!broken) begin
      assert (!f_wrong && escaped == f_escaped);
      assert (count == f_count && length == f_length && count <= LONGEST);
      assert (count < 3 || length <= PAYLOAD);
      assert (crc == mirrored(f_whole));
      assert (f_whole == f_four);
      if (!full) assert (f_handed == (count < 5 ? count : count < length + 5 ? count : length + 5));
    end
    // What is proved.
    if (commit) begin
      assert (!f_wrong && !f_escaped);
      assert (f_length <= PAYLOAD && f_count == f_length + 9);
      assert (f_handed == f_length + 5);
      assert (f_last == ~mirrored(f_register));
    end
    assert (!(commit && rollback) && !(push && (commit || rollback)));
    if (push) assert (rx_valid && rx_data != 8'h7E && push_data == f_plain);
    if (rx_valid && rx_data == 8'h7E && f_handed != 0 && !broken && !full) assert (commit || rollback);
  end
