// Whatever bytes come on the line: a frame is taken only if its CRC is right, and its length. The CRC is computed again
// here in another way: bit by bit in the order of the line, by the polynomial 04C11DB7, not reflected.
module frame_rx_proof (
    input wire       clk,
    input wire [7:0] rx_data,
    input wire       rx_valid,
    input wire       rx_bad,
    input wire       room
);
  localparam PAYLOAD = 2;
  localparam MOST = 5 + PAYLOAD + 4;

  wire push, commit, rollback, no_room;
  wire [7:0] push_data;
  reg rst = 1;
  always @(posedge clk) rst <= 0;

  frame_rx #(.PAYLOAD(PAYLOAD)) dut (
      .clk(clk), .rst(rst), .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback), .no_room(no_room)
  );

  // The bytes since the last flag, without the stuffing, and those that were handed on.
  reg [8*MOST-1:0] frame, pushed;
  reg [4:0] count, handed;
  reg escaped, wrong;
  wire [7:0] plain = escaped ? rx_data ^ 8'h20 : rx_data;

  function [31:0] by_bits(input [31:0] from, input [7:0] with_byte);
    integer k;
    begin
      by_bits = from;
      for (k = 0; k < 8; k = k + 1)
        by_bits = {by_bits[30:0], 1'b0} ^ ((by_bits[31] ^ with_byte[k]) ? 32'h04C11DB7 : 32'd0);
    end
  endfunction

  // Over the first bytes of the frame, and the four bytes that should follow.
  function [31:0] check_of(input [8*MOST-1:0] bytes, input [4:0] length);
    integer k;
    reg [31:0] register;
    begin
      register = 32'hFFFFFFFF;
      for (k = 0; k < 5 + PAYLOAD; k = k + 1) if (k < length) register = by_bits(register, bytes[8*k+:8]);
      for (k = 0; k < 32; k = k + 1) check_of[k] = !register[31-k];
    end
  endfunction

  wire [15:0] length = frame[15:0];
  wire [31:0] came = frame >> (8 * (count - 4));

  always @(posedge clk) begin
    if (rst) begin
      frame <= 0;
      pushed <= 0;
      count <= 0;
      handed <= 0;
      escaped <= 0;
      wrong <= 0;
    end else begin
      if (commit) begin
        assert (!wrong && !escaped);
        assert (length <= PAYLOAD && count == length + 9);
        assert (came == check_of(frame, count - 4));
        // All of header and payload was handed on, and nothing else.
        assert (handed == count - 4);
        assert (pushed == (frame & ~({8 * MOST{1'b1}} << (8 * handed))));
      end
      assert (!(commit && rollback) && !(push && (commit || rollback)));
      // What is not taken and has handed something on is forgotten.
      if (rx_valid && rx_data == 8'h7E && handed != 0) assert (commit || rollback);

      if (rx_bad) wrong <= 1;
      if (push && room) begin
        pushed[8*handed+:8] <= push_data;
        handed <= handed + 1'b1;
      end
      if (rx_valid && rx_data == 8'h7E) begin
        frame <= 0;
        pushed <= 0;
        count <= 0;
        handed <= 0;
        escaped <= 0;
        wrong <= 0;
      end else if (rx_valid && rx_data == 8'h7D) begin
        escaped <= 1;
        if (escaped) wrong <= 1;
      end else if (rx_valid && !wrong) begin
        escaped <= 0;
        if (count == MOST) wrong <= 1;
        else begin
          frame[8*count+:8] <= plain;
          count <= count + 1'b1;
        end
      end
      cover (commit);
    end
  end
endmodule
