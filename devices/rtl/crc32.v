// CRC-32 of IEEE 802.3 after one more byte: reflected, polynomial EDB88320. The register begins with all ones, and is
// sent inverted.
module crc32 (
    input  wire [31:0] crc,
    input  wire [7:0]  data,
    output wire [31:0] next
);
  function [31:0] step(input [31:0] from, input [7:0] with_byte);
    integer k;
    begin
      step = from ^ {24'd0, with_byte};
      for (k = 0; k < 8; k = k + 1) step = (step >> 1) ^ (step[0] ? 32'hEDB88320 : 32'd0);
    end
  endfunction

  assign next = step(crc, data);
endmodule
