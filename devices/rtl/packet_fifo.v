// A queue of bytes into which a packet is written before it is known whether it is good: `commit` lets the reader have
// what was pushed, `rollback` forgets it. What finds no room is not stored; the writer sees !room.
module packet_fifo #(
    parameter ADDRESS = 11
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       push,
    input  wire [7:0] push_data,
    output wire       room,
    input  wire       commit,
    input  wire       rollback,
    output reg        valid,
    output reg  [7:0] data,
    input  wire       pop
);
  reg [7:0] memory[0:(1<<ADDRESS)-1];
  // One bit more than an address tells a full queue from an empty one.
  reg [ADDRESS:0] head, committed, tail;
  wire [ADDRESS:0] stored = tail - head;
  wire store = push && room;
  wire fetch = (!valid || pop) && head != committed;

  assign room = !stored[ADDRESS];

  always @(posedge clk) begin
    if (store) memory[tail[ADDRESS-1:0]] <= push_data;
    if (fetch) data <= memory[head[ADDRESS-1:0]];
  end

  always @(posedge clk) begin
    if (store) tail <= tail + 1'b1;
    if (commit) committed <= tail;
    if (rollback) tail <= committed;
    if (fetch) head <= head + 1'b1;
    if (fetch) valid <= 1;
    else if (pop) valid <= 0;
    if (rst) begin
      head <= 0;
      committed <= 0;
      tail <= 0;
      valid <= 0;
    end
  end
endmodule
