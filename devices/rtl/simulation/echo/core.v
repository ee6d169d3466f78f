// A core for tests of the link: 2^20 words of memory. A step copies words 10000 … 1003F to 10400 … 1043F, and counts
// itself in word 30000, so that a step done twice is seen. With word 30100 other than 0 a step never ends. The bus
// takes and answers requests after waits that vary.
module core #(
    // As those of the real core; this one has more words, and does not learn.
    parameter MEMORY_BITS = 16,
    parameter LEARNING = 1
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        h_valid,
    input  wire        h_write,
    input  wire [19:0] h_addr,
    input  wire [15:0] h_wdata,
    output wire        h_ready,
    output reg         h_rvalid,
    output reg  [15:0] h_rdata,
    input  wire        start,
    output reg         busy
);
  localparam [19:0] INPUT = 20'h10000, OUTPUT = 20'h10400, STEPS = 20'h30000, ENDLESS = 20'h30100;

  reg [15:0] memory[0:(1<<20)-1];
  reg [15:0] waits;
  reg [19:0] address;
  reg [5:0] at;
  reg reads;

  assign h_ready = !busy && !reads && waits[0];

  always @(posedge clk) begin
    waits <= {waits[14:0], waits[15] ^ waits[13] ^ waits[12] ^ waits[10]};
    h_rvalid <= 0;
    if (h_valid && h_ready) begin
      address <= h_addr;
      reads <= !h_write;
      if (h_write) memory[h_addr] <= h_wdata;
    end
    if (reads && waits[1]) begin
      h_rvalid <= 1;
      h_rdata <= memory[address];
      reads <= 0;
    end
    if (start) begin
      busy <= 1;
      at <= 0;
      memory[STEPS] <= memory[STEPS] + 1'b1;
    end
    if (busy) begin
      memory[OUTPUT + 20'(at)] <= memory[INPUT + 20'(at)];
      at <= at + 1'b1;
      if (at == 63 && memory[ENDLESS] == 0) busy <= 0;
    end
    if (rst) begin
      waits <= 16'hACE1;
      busy <= 0;
      reads <= 0;
      memory[ENDLESS] <= 0;
    end
  end
endmodule
