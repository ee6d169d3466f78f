// A queue of 4 bytes against a list of all that was committed: what leaves it is that list, in order, nothing lost and
// nothing twice. By induction over one watched place in the list, whose number and value the solver chooses.
module packet_fifo_proof (
    input wire       clk,
    input wire       push,
    input wire [7:0] push_data,
    input wire       commit,
    input wire       rollback,
    input wire       pop
);
  localparam ADDRESS = 2;
  localparam COUNT = 8;  // bits of the counters

  wire room, valid;
  wire [7:0] data;
  reg rst = 1;
  always @(posedge clk) rst <= 0;

  packet_fifo #(.ADDRESS(ADDRESS)) dut (
      .clk(clk), .rst(rst), .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback),
      .valid(valid), .data(data), .pop(pop)
  );

  // Bytes that were written, committed and read, as a user counts them.
  reg [COUNT-1:0] written, committed, read;
  (* anyconst *) wire [COUNT-1:0] watched;
  reg [7:0] value;

  // As frame_rx uses it: never two at a time, and a rollback forgets what came since the last commit.
  always @* assume (push + commit + rollback <= 1);
  always @* assume (read < 8'hF0);

  always @(posedge clk) begin
    if (rst) begin
      written <= 0;
      committed <= 0;
      read <= 0;
    end else begin
      if (push && room) begin
        written <= written + 1'b1;
        if (written == watched) value <= push_data;
      end
      if (rollback) written <= committed;
      if (commit) committed <= written;
      if (valid && pop) begin
        // What is read was committed, and is the byte with this number.
        assert (read != committed);
        if (read == watched) assert (data == value);
        read <= read + 1'b1;
      end
      // Room for all 4, and one more that waits at the exit.
      assert (written - read <= 5);
      if (written - read < 4) assert (room);
      // Nothing committed stays behind.
      if (read != committed && $past(read != committed && !rst && !pop) && !pop) assert (valid || $past(commit));
    end
  end
endmodule
