`default_nettype none

// Synthesis builds the memory from SPRAM, as the iCE40UP5K has it, or from block RAM.
`ifdef CORE_BLOCK_RAM
`define CORE_MEMORY_STYLE (* ram_style = "block" *)
`else
`define CORE_MEMORY_STYLE (* ram_style = "huge" *)
`endif

// The one big memory, of 16-bit words: weights, constants and state of neurons. It has a single port, as SPRAM has:
// a cycle either writes a word or reads one, which is in q in the next cycle.
module memory #(parameter BITS = 16) (
  input wire clk,
  input wire write,
  input wire [BITS-1:0] address,
  input wire [15:0] data,
  output reg [15:0] q
);
  `CORE_MEMORY_STYLE reg [15:0] words [0:(1 << BITS) - 1];

  always @(posedge clk)
    if (write) words[address] <= data;
    else q <= words[address];
endmodule
