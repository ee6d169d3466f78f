// Properties of frame_rx, whatever bytes come on the line and whenever: a frame is taken only if its CRC and its length
// are right, and header and payload were handed on, all of them. Proved by induction, so for frames of any length:
// stages 1 to 5 of STAGE.
//
// The CRC is computed again in another way: bit by bit in the order of the line, by the polynomial 04C11DB7, not
// reflected, over all but the last four bytes, and compared with those. It begins so that four zeros, which stand
// before the first byte, lead to the preset.
reg [15:0] f_count, f_length, f_handed;
// The CRC over all bytes but the last four, three, two, one, and over all.
reg [31:0] f_last, f_crc4, f_crc3, f_crc2, f_crc1, f_crc;
reg f_escaped, f_wrong, f_started = 0;
wire [7:0] f_plain = f_escaped ? rx_data ^ 8'h20 : rx_data;

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
    f_crc4 <= f_crc3;
    f_crc3 <= f_crc2;
    f_crc2 <= f_crc1;
    f_crc1 <= f_crc;
    f_crc <= by_bits(f_crc, f_plain);
    if (f_count == 0) f_length[7:0] <= f_plain;
    if (f_count == 1) f_length[15:8] <= f_plain;
    f_count <= f_count + 1'b1;
  end
  if (rst || (rx_valid && rx_data == 8'h7E)) begin
    f_count <= 0;
    f_handed <= 0;
    f_length <= 0;
    f_last <= 0;
    f_crc4 <= 32'h46AF6449;
    f_crc3 <= 32'h816474C5;
    f_crc2 <= 32'h09B93859;
    f_crc1 <= 32'h9BF1A90F;
    f_crc <= 32'hFFFFFFFF;
    f_escaped <= 0;
    f_wrong <= 0;
  end
end

always @* if (!f_started) assume (rst);

// Proved one after the other, each by induction with the ones before it as assumptions: all at once is too much for the
// solver.
`define AGREE(number, property) if (`STAGE == number) assert (property); else if (`STAGE > number) assume (property)

always @(posedge clk)
  if (f_started && !rst) begin
    if (!broken) begin
      // Both sides agree as long as nothing is wrong.
      `AGREE(1, !f_wrong && escaped == f_escaped);
      `AGREE(1, count == f_count && length == f_length && count <= LONGEST);
      `AGREE(1, count < 3 || length <= PAYLOAD);
      if (!full) `AGREE(1, f_handed == (count < 5 ? count : count < length + 5 ? count : length + 5));
      `AGREE(2, crc == mirrored(f_crc));
    end
    `AGREE(3, f_crc3 == by_bits(f_crc4, f_last[7:0]) && f_crc2 == by_bits(f_crc3, f_last[15:8]));
    `AGREE(3, f_crc1 == by_bits(f_crc2, f_last[23:16]) && f_crc == by_bits(f_crc1, f_last[31:24]));
    if (`STAGE == 4 && commit) begin
      assert (!f_wrong && !f_escaped);
      assert (f_length <= PAYLOAD && f_count == f_length + 9);
      assert (f_handed == f_length + 5);
      assert (f_last == ~mirrored(f_crc4));
    end
    if (`STAGE == 5) begin
      assert (!(commit && rollback) && !(push && (commit || rollback)));
      if (push) assert (rx_valid && rx_data != 8'h7E && push_data == f_plain);
      if (rx_valid && rx_data == 8'h7E && f_handed != 0 && !broken && !full) assert (commit || rollback);
    end
  end
