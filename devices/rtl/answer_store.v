// The last answers, a slot of 512 bytes each: the payload from byte 0 on, the header from byte 504. Sends an answer
// when it is complete and whenever it is asked for again, slot after slot, so that new answers go out in their order;
// and notices between them.
module answer_store #(
    parameter SLOTS = 2  // 2^SLOTS answers
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  write,
    input  wire [SLOTS-1:0]      write_slot,
    input  wire [8:0]            write_offset,
    input  wire [7:0]            write_data,
    // Sends a slot; `pending` is high until all of it is sent.
    input  wire                  send,
    input  wire [SLOTS-1:0]      send_slot,
    output reg  [(1<<SLOTS)-1:0] pending,
    // The bytes of a notice, one after the other.
    input  wire                  notice,
    input  wire [7:0]            notice_data,
    input  wire                  notice_last,
    output wire                  notice_ready,
    output wire [7:0]            tx_data,
    output wire                  tx_valid,
    input  wire                  tx_ready
);
  localparam [1:0] IDLE = 0, FETCH = 1, PUT = 2;
  localparam [8:0] HEADER = 504, HEADER_END = 508;

  reg [7:0] memory[0:(512<<SLOTS)-1];
  reg [7:0] fetched;
  reg [1:0] state;
  reg [SLOTS-1:0] slot;
  reg [8:0] offset, length;
  reg in_notice;
  wire put_ready;
  wire [8:0] following = offset == HEADER_END ? 9'd0 : offset + 1'b1;
  // The length comes first, so that the last byte is known in time.
  wire is_last = following == length;
  wire is_idle = state == IDLE;

  always @(posedge clk) begin
    if (write) memory[{write_slot, write_offset}] <= write_data;
    fetched <= memory[{slot, offset}];
  end

  assign notice_ready = is_idle && put_ready;
  always @(posedge clk) begin
    if (notice && notice_ready) in_notice <= !notice_last;
    case (state)
      IDLE: begin
        offset <= HEADER;
        if (!notice && !in_notice) begin
          if (pending[slot]) state <= FETCH;
          else slot <= slot + 1'b1;
        end
      end
      FETCH: state <= PUT;
      default:
        if (put_ready) begin
          if (offset == HEADER) length[7:0] <= fetched;
          if (offset == HEADER + 1'b1) length[8] <= fetched[0];
          offset <= following;
          state <= FETCH;
          if (is_last) begin
            state <= IDLE;
            pending[slot] <= 0;
          end
        end
    endcase
    if (send) pending[send_slot] <= 1;
    if (rst) begin
      state <= IDLE;
      slot <= 0;
      pending <= 0;
      in_notice <= 0;
    end
  end

  frame_tx sender (
      .clk(clk), .rst(rst),
      .valid(is_idle ? notice : state == PUT), .data(is_idle ? notice_data : fetched),
      .last(is_idle ? notice_last : is_last), .ready(put_ready),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );
endmodule
