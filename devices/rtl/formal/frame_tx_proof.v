// The sender against the receiver: whatever bytes are given to send, at whatever times the line takes them, what comes
// out is taken as a frame, with these bytes and no others.
module frame_tx_proof (
    input wire       clk,
    input wire       valid,
    input wire [7:0] data,
    input wire       tx_ready
);
  localparam PAYLOAD = 1;

  reg rst = 1;
  always @(posedge clk) rst <= 0;

  wire ready, tx_valid;
  wire [7:0] tx_data;
  reg [4:0] given;
  reg length;
  wire last = given == 4 + length;
  wire [7:0] header = given == 0 ? {7'd0, length} : given == 1 ? 8'd0 : data;

  frame_tx sender (
      .clk(clk), .rst(rst), .valid(valid), .data(header), .last(last), .ready(ready),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );

  wire push, commit, rollback, no_room;
  wire [7:0] push_data;
  frame_rx #(.PAYLOAD(PAYLOAD)) receiver (
      .clk(clk), .rst(rst), .rx_data(tx_data), .rx_valid(tx_valid && tx_ready), .rx_bad(1'b0), .room(1'b1),
      .push(push), .push_data(push_data), .commit(commit), .rollback(rollback), .no_room(no_room)
  );

  reg [47:0] sent, got;
  reg [4:0] taken;

  // Bytes are there and taken at once: the sender only waits where they are not.
  always @* assume (tx_ready);
  always @* assume (valid);

  always @(posedge clk) begin
    if (rst) begin
      given <= 0;
      taken <= 0;
      length <= 0;
    end else begin
      if (ready) begin
        sent[8*given+:8] <= header;
        given <= last ? 5'd0 : given + 1'b1;
      end
      if (push) begin
        got[8*taken+:8] <= push_data;
        taken <= taken + 1'b1;
      end
      assert (!rollback && !no_room);
      if (commit) begin
        assert (taken == 5 + sent[0]);
        assert (sent[0] ? got == sent : got[39:0] == sent[39:0]);
        taken <= 0;
        length <= !length;
      end
      cover (commit);
    end
  end
endmodule
