// The program of the link: link_program.txt, compiled. A block RAM that nothing writes.
module link_program (
    input  wire        clk,
    input  wire        read,
    input  wire [8:0]  address,
    output reg  [31:0] instruction
);
  always @(posedge clk)
    if (read)
      case (address)
        `include "link_program.vh"
        default: instruction <= 0;
      endcase
endmodule
