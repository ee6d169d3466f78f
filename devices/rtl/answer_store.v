// The last answers, a slot of 512 bytes each: header and payload as they go out. Sends an answer when it is complete
// and whenever it is asked for again, the oldest first, and notices before them.
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
    input  wire                  notice,
    input  wire [7:0]            reason,
    input  wire [15:0]           expected,
    output wire [7:0]            tx_data,
    output wire                  tx_valid,
    input  wire                  tx_ready
);
  localparam [7:0] NOTICE = 8'hFE;
  localparam [1:0] IDLE = 0, FETCH = 1, PUT = 2;

  reg [7:0] memory[0:(512<<SLOTS)-1];
  reg [7:0] fetched;
  reg [1:0] state;
  reg [SLOTS-1:0] slot;
  reg [8:0] offset, last;
  reg is_notice, has_notice;
  reg [7:0] kept_reason, notice_byte;
  reg [15:0] kept_expected;
  wire put_ready, is_last = offset >= 4 && offset == last;
  wire [7:0] data = is_notice ? notice_byte : fetched;

  always @(posedge clk) begin
    if (write) memory[{write_slot, write_offset}] <= write_data;
    fetched <= memory[{slot, offset}];
  end

  always @*
    case (offset[2:0])
      0: notice_byte = 8'd1;
      1: notice_byte = 8'd0;
      2: notice_byte = kept_expected[7:0];
      3: notice_byte = kept_expected[15:8];
      4: notice_byte = NOTICE;
      default: notice_byte = kept_reason;
    endcase

  // The oldest answer lies in the slot that the next one will take.
  reg [SLOTS-1:0] oldest;
  integer k;
  always @* begin
    oldest = expected[SLOTS-1:0];
    for (k = (1 << SLOTS) - 1; k >= 0; k = k - 1)
      if (pending[expected[SLOTS-1:0] + SLOTS'(k)]) oldest = expected[SLOTS-1:0] + SLOTS'(k);
  end

  always @(posedge clk) begin
    if (notice) begin
      has_notice <= 1;
      kept_reason <= reason;
    end
    case (state)
      IDLE: begin
        offset <= 0;
        last <= 0;
        slot <= oldest;
        is_notice <= has_notice;
        kept_expected <= expected;
        if (has_notice) has_notice <= notice;
        if (has_notice || pending != 0) state <= FETCH;
      end
      FETCH: state <= PUT;
      default:
        if (put_ready) begin
          // The length comes first, so that the last byte is known in time.
          if (offset == 0) last[7:0] <= data;
          if (offset == 1) last <= {data[0], last[7:0]} + 9'd4;
          offset <= offset + 1'b1;
          state <= FETCH;
          if (is_last) begin
            state <= IDLE;
            if (!is_notice) pending[slot] <= 0;
          end
        end
    endcase
    if (send) pending[send_slot] <= 1;
    if (rst) begin
      state <= IDLE;
      pending <= 0;
      has_notice <= 0;
    end
  end

  frame_tx sender (
      .clk(clk), .rst(rst),
      .valid(state == PUT), .data(data), .last(is_last), .ready(put_ready),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );
endmodule
