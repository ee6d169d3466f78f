// The board's side of the link, as README.md describes it: takes frames, does what they ask of the core, each once and
// in order, and keeps the last answers.
module link #(
    parameter SLOTS   = 2,   // 2^SLOTS frames in flight
    parameter PAYLOAD = 504, // most bytes, at most 507 by the size of a slot
    parameter ROOM    = 11,  // 2^ROOM bytes of frames that wait
    parameter PATIENCE = 24  // 2^PATIENCE cycles until the core counts as stuck
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [7:0]  rx_data,
    input  wire        rx_valid,
    input  wire        rx_bad,
    output wire [7:0]  tx_data,
    output wire        tx_valid,
    input  wire        tx_ready,
    output wire        h_valid,
    output wire        h_write,
    output wire [19:0] h_addr,
    output wire [15:0] h_wdata,
    input  wire        h_ready,
    input  wire        h_rvalid,
    input  wire [15:0] h_rdata,
    output wire        start,
    input  wire        busy,
    output reg         core_reset,
    output wire        working  // on a request
);
  localparam [7:0] HELLO = 8'h01, WRITE = 8'h02, READ = 8'h03, FILL = 8'h04, CHECK = 8'h05, DIGEST = 8'h06,
      RUN = 8'h07, RESET = 8'h08, ERROR = 8'hFF;
  localparam [7:0] UNKNOWN = 1, MALFORMED = 2, LONG = 3, STUCK = 4;
  localparam [7:0] BROKEN = 1, SEQUENCE = 2, NO_ROOM = 3, NO_SESSION = 4;
  localparam [7:0] VERSION = 1, WORDS = 8'hFF;
  localparam [9:0] HEADER_BYTES = 5, END = HEADER_BYTES + 10'(PAYLOAD);

  // A frame that waits.
  localparam [4:0] HEADER = 0, LOOK = 1, JUDGE = 2, PARAMETERS = 3, EXECUTE = 4, DRAIN = 5;
  // Its answer: fail with a code, or finish with the header.
  localparam [4:0] FAIL = 6, DONE = 7, FINISH = 8;
  // One word of the core's bus, then the state `after`.
  localparam [4:0] BUS_WRITE = 9, BUS_READ = 10, BUS_WAIT = 11;
  // Words from the frame, into the answer, into a CRC; the next word after each.
  localparam [4:0] TAKE_LOW = 12, TAKE_HIGH = 13, PUT_LOW = 14, PUT_HIGH = 15, CRC_LOW = 16, CRC_HIGH = 17, NEXT = 18;
  localparam [4:0] PUT_CRC = 19, GREET = 20;
  // Steps: the form of an input, its gaps, the bits that they set; the step; the form of the output, its bits.
  localparam [4:0] FORM = 21, GAP = 22, PLACE = 23, STEP = 24, STEP_GUARD = 25, STEP_WAIT = 26;
  localparam [4:0] CLEAR = 27, OUT_BEGIN = 28, OUT_SCAN = 29, OUT_FORM = 30, NEXT_STEP = 31;

  reg [4:0] state, after;
  reg [95:0] given;  // header, then parameters: the last byte on top
  reg [3:0] wanted;
  reg [15:0] left, number, expected;
  reg [7:0] kind, code;
  reg [2:0] held;
  reg session, has_digest, answers;
  reg [31:0] nonce, crc;
  reg [63:0] digest;
  reg [SLOTS-1:0] slot;
  reg [9:0] at, mark;  // where the answer is written; beyond END nothing is
  reg [4:0] index;
  reg [19:0] address, count;
  reg [15:0] word;
  reg [7:0] steps, gaps;
  reg [15:0] position, gap;
  reg [3:0] bit_at;
  reg no_event, as_events, is_words, is_output, has_parameters;
  reg [PATIENCE-1:0] waited;

  // Of `run`.
  wire [15:0] in_words = given[39:24], out_words = given[79:64];
  wire out_is_bits = given[80];

  // -- Frames that come ----------------------------------------------------------------------------------------------
  wire push, commit, rollback, room, no_room;
  wire [7:0] push_data;
  frame_rx #(.PAYLOAD(PAYLOAD)) receiver (
      .clk(clk), .rst(rst), .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback), .no_room(no_room)
  );

  wire next_valid;
  wire [7:0] next;
  wire is_body = (state == PARAMETERS && wanted != 0) || state == DRAIN || state == TAKE_LOW || state == TAKE_HIGH ||
      (state == FORM && in_words != 0) || (state == GAP && gaps != 0);
  wire takes = next_valid && (state == HEADER || (is_body && left != 0));
  packet_fifo #(.ADDRESS(ROOM)) waiting (
      .clk(clk), .rst(rst), .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback),
      .valid(next_valid), .data(next), .pop(takes)
  );

  // -- Answers -------------------------------------------------------------------------------------------------------
  reg put;
  reg [7:0] put_data;
  reg [9:0] put_at;
  reg send, executor_notice;
  reg [SLOTS-1:0] send_slot;
  reg [7:0] executor_reason;
  wire [(1<<SLOTS)-1:0] pending;
  wire line_notice = rollback && session;
  answer_store #(.SLOTS(SLOTS)) answer (
      .clk(clk), .rst(rst),
      .write(put && put_at < END), .write_slot(slot), .write_offset(put_at[8:0]), .write_data(put_data),
      .send(send), .send_slot(send_slot), .pending(pending),
      .notice(line_notice || executor_notice),
      .reason(executor_notice ? executor_reason : no_room ? NO_ROOM : BROKEN), .expected(expected),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );

  // -- The core ------------------------------------------------------------------------------------------------------
  assign h_valid = state == BUS_WRITE || state == BUS_READ;
  assign h_write = state == BUS_WRITE;
  assign h_addr = address;
  assign h_wdata = word;
  assign start = state == STEP;
  assign working = state != HEADER;
  wire [15:0] at_word = in_words - count[15:0];
  wire [9:0] length = at - HEADER_BYTES;
  wire waits = state == BUS_WRITE || state == BUS_READ || state == BUS_WAIT || state == STEP_WAIT;

  wire [31:0] crc_next;
  crc32 words_crc (.crc(crc), .data(state == CRC_LOW ? word[7:0] : word[15:8]), .next(crc_next));

  wire [15:0] behind = expected - number;  // 0: expected; 1 … held: answered before
  wire is_known = behind != 0 && behind <= {13'd0, held};
  wire [3:0] parameters = parameters_of(kind, left == 0);
  wire is_hello_again = session && given[95:64] == nonce;
  // One event more would make the events as long as the words.
  wire is_too_long = gaps == 8'd254 || {9'd0, gaps} + 17'd1 == {out_words, 1'b0};

  function [3:0] parameters_of(input [7:0] of, input is_empty);
    case (of)
      WRITE: parameters_of = 3;
      READ: parameters_of = 5;
      FILL: parameters_of = 8;
      CHECK: parameters_of = 6;
      DIGEST: parameters_of = is_empty ? 0 : 8;
      RUN: parameters_of = 12;
      HELLO: parameters_of = 4;
      default: parameters_of = 0;
    endcase
  endfunction

  function [7:0] greeting(input [4:0] of);
    case (of)
      0, 1, 2, 3: greeting = nonce[8*of[1:0]+:8];
      4: greeting = VERSION;
      5: greeting = 8'd1 << SLOTS;
      6: greeting = 8'(PAYLOAD);
      7: greeting = 8'(PAYLOAD >> 8);
      8: greeting = 8'(1 << ROOM);
      9: greeting = 8'((1 << ROOM) >> 8);
      10: greeting = {6'd0, !session, has_digest};
      default: greeting = has_digest ? digest[7:0] : 8'd0;
    endcase
  endfunction

  task fail(input [7:0] with_code);
    begin
      code <= with_code;
      index <= 0;
      at <= HEADER_BYTES;
      state <= FAIL;
    end
  endtask

  // A request that is not executed.
  task drop(input [7:0] because);
    begin
      executor_notice <= 1;
      executor_reason <= because;
      state <= DRAIN;
    end
  endtask

  task write_answer(input [7:0] data);
    begin
      put <= 1;
      put_data <= data;
      put_at <= at;
      if (at <= END) at <= at + 1'b1;
    end
  endtask

  always @(posedge clk) begin
    put <= 0;
    send <= 0;
    executor_notice <= 0;
    core_reset <= 0;
    waited <= waits ? waited + 1'b1 : 0;
    if (takes && (state == HEADER || state == PARAMETERS)) given <= {next, given[95:8]};
    if (takes && is_body) left <= left - 1'b1;

    case (state)
      HEADER:
        if (takes) begin
          index <= index + 1'b1;
          if (index == 4) state <= LOOK;
        end
      LOOK: begin
        left <= given[71:56];
        number <= given[87:72];
        kind <= given[95:88];
        slot <= given[72+:SLOTS];
        answers <= 0;
        state <= JUDGE;
      end
      JUDGE: begin
        wanted <= parameters;
        has_parameters <= left != 0;
        at <= HEADER_BYTES;
        if (kind == HELLO && left == 4) state <= PARAMETERS;
        else if (!session || kind == HELLO) drop(NO_SESSION);
        else if (is_known) begin
          send <= 1;
          send_slot <= slot;
          state <= DRAIN;
        end else if (behind != 0) drop(SEQUENCE);
        // The answer takes the place of the oldest, when that is sent.
        else if (!pending[slot]) begin
          answers <= 1;
          if (left < {12'd0, parameters}) fail(MALFORMED);
          else state <= PARAMETERS;
        end
      end
      PARAMETERS:
        if (wanted == 0) state <= EXECUTE;
        else if (takes) wanted <= wanted - 1'b1;
      EXECUTE: begin
        crc <= 32'hFFFFFFFF;
        index <= 0;
        case (kind)
          HELLO:
            if (is_hello_again) begin
              send <= is_known;
              send_slot <= slot;
              state <= DRAIN;
            end else if (pending == 0 && !send) begin
              // All earlier answers are sent, so their slots are free.
              nonce <= given[95:64];
              answers <= 1;
              held <= 0;
              expected <= number;
              state <= GREET;
            end
          WRITE: begin
            address <= given[91:72];
            if (left == 0 || left[0]) fail(MALFORMED);
            else state <= TAKE_LOW;
          end
          READ: begin
            address <= given[75:56];
            count <= {4'd0, given[95:80]};
            as_events <= 0;
            if (given[95:80] == 0) fail(MALFORMED);
            else state <= BUS_READ;
            after <= PUT_LOW;
          end
          FILL: begin
            address <= given[51:32];
            count <= given[75:56];
            word <= given[95:80];
            after <= NEXT;
            state <= given[75:56] == 0 ? DONE : BUS_WRITE;
          end
          CHECK: begin
            address <= given[67:48];
            count <= given[91:72];
            after <= CRC_LOW;
            state <= given[91:72] == 0 ? PUT_CRC : BUS_READ;
          end
          DIGEST: begin
            digest <= given[95:32];
            has_digest <= has_parameters;
            state <= DONE;
          end
          RUN: begin
            steps <= given[95:88];
            if (given[95:88] == 0) fail(MALFORMED);
            else state <= FORM;
          end
          RESET: begin
            core_reset <= 1;
            has_digest <= 0;
            state <= DONE;
          end
          default: fail(UNKNOWN);
        endcase
      end
      DRAIN:
        if (left == 0) begin
          index <= 0;
          state <= answers ? FINISH : HEADER;
        end

      // -- The answer -------------------------------------------------------------------------------------------------
      GREET: begin
        write_answer(greeting(index));
        index <= index + 1'b1;
        if (index > 10) digest <= {digest[7:0], digest[63:8]};
        if (index == 18) begin
          session <= 1;
          state <= DONE;
        end
      end
      PUT_CRC: begin
        write_answer(~crc[7:0]);
        crc <= crc >> 8;
        index <= index + 1'b1;
        if (index == 3) state <= DONE;
      end
      FAIL: begin
        index <= index + 1'b1;
        write_answer(index == 0 ? code : kind);
        if (index == 1) begin
          kind <= ERROR;
          state <= DRAIN;
        end
      end
      DONE: begin
        index <= 0;
        if (left != 0) fail(MALFORMED);
        else if (at > END) fail(LONG);
        else state <= FINISH;
      end
      FINISH: begin
        put <= 1;
        put_at <= {5'd0, index};
        index <= index + 1'b1;
        case (index)
          0: put_data <= length[7:0];
          1: put_data <= {6'd0, length[9:8]};
          2: put_data <= number[7:0];
          3: put_data <= number[15:8];
          default: begin
            put_data <= kind | 8'h80;
            send <= 1;
            send_slot <= slot;
            expected <= expected + 1'b1;
            if (!held[SLOTS]) held <= held + 1'b1;
            index <= 0;
            state <= HEADER;
          end
        endcase
      end

      // -- Words ------------------------------------------------------------------------------------------------------
      BUS_WRITE: if (h_ready) state <= after;
      BUS_READ: if (h_ready) state <= BUS_WAIT;
      BUS_WAIT:
        if (h_rvalid) begin
          word <= h_rdata;
          state <= after;
        end
      TAKE_LOW:
        if (left == 0) fail(MALFORMED);
        else if (takes) begin
          word[7:0] <= next;
          state <= TAKE_HIGH;
        end
      TAKE_HIGH:
        if (left == 0) fail(MALFORMED);
        else if (takes) begin
          word[15:8] <= next;
          after <= NEXT;
          state <= BUS_WRITE;
        end
      PUT_LOW: begin
        write_answer(word[7:0]);
        state <= PUT_HIGH;
      end
      PUT_HIGH: begin
        write_answer(word[15:8]);
        state <= NEXT;
      end
      CRC_LOW: begin
        crc <= crc_next;
        state <= CRC_HIGH;
      end
      CRC_HIGH: begin
        crc <= crc_next;
        state <= NEXT;
      end
      NEXT: begin
        address <= address + 1'b1;
        count <= count - 1'b1;
        case (kind)
          WRITE: state <= left == 0 ? DONE : TAKE_LOW;
          READ: state <= count == 1 ? DONE : BUS_READ;
          FILL: state <= count == 1 ? DONE : BUS_WRITE;
          CHECK: state <= count == 1 ? PUT_CRC : BUS_READ;
          default:
            if (is_output) state <= count == 1 ? OUT_FORM : BUS_READ;
            else if (is_words) state <= count == 1 ? STEP : TAKE_LOW;
            else if (count != 1) state <= PLACE;
            else if (no_event) state <= STEP;
            else fail(MALFORMED);  // an event lies behind the input
        endcase
      end

      // -- Steps ------------------------------------------------------------------------------------------------------
      FORM: begin
        address <= given[19:0];
        count <= {4'd0, in_words};
        is_output <= 0;
        no_event <= 1;
        word <= 0;
        position <= 16'hFFFF;
        if (in_words == 0) state <= STEP;
        else if (left == 0) fail(MALFORMED);
        else if (takes) begin
          is_words <= next == WORDS;
          gaps <= next == WORDS ? 8'd0 : next;
          state <= next == WORDS ? TAKE_LOW : GAP;
        end
      end
      GAP:
        if (gaps == 0) begin
          no_event <= 1;
          state <= PLACE;
        end else if (left == 0) fail(MALFORMED);
        else if (takes) begin
          gaps <= gaps - 1'b1;
          position <= position + {8'd0, next} + (next != 8'hFF ? 16'd1 : 16'd0);
          if (next != 8'hFF) begin
            no_event <= 0;
            state <= PLACE;
          end
        end
      PLACE:
        // Words come in order, so that a word is whole when the next event lies behind it.
        if (!no_event && {4'd0, position[15:4]} == at_word) begin
          word[position[3:0]] <= 1;
          state <= GAP;
        end else begin
          after <= CLEAR;
          state <= BUS_WRITE;
        end
      CLEAR: begin
        word <= 0;
        state <= NEXT;
      end
      STEP: state <= STEP_GUARD;
      STEP_GUARD: state <= STEP_WAIT;
      STEP_WAIT:
        if (!busy) begin
          as_events <= out_is_bits;
          state <= out_words == 0 ? NEXT_STEP : OUT_BEGIN;
          mark <= at;
          if (at <= END && out_words != 0) at <= at + 1'b1;
        end
      OUT_BEGIN: begin
        address <= given[59:40];
        count <= {4'd0, out_words};
        is_output <= 1;
        gap <= 0;
        gaps <= 0;
        bit_at <= 0;
        after <= as_events ? OUT_SCAN : PUT_LOW;
        state <= BUS_READ;
      end
      OUT_SCAN:
        if (word == 0) begin
          gap <= gap + {11'd0, 5'd16 - {1'b0, bit_at}};
          bit_at <= 0;
          state <= NEXT;
        end else if (!word[0]) begin
          gap <= gap + 1'b1;
          word <= word >> 1;
          bit_at <= bit_at + 1'b1;
        end else if (is_too_long) begin
          as_events <= 0;
          at <= mark + 1'b1;
          state <= OUT_BEGIN;
        end else begin
          gaps <= gaps + 1'b1;
          write_answer(gap >= 255 ? 8'hFF : gap[7:0]);
          gap <= gap >= 255 ? gap - 16'd255 : 0;
          if (gap < 255) begin
            word <= word >> 1;
            bit_at <= bit_at + 1'b1;
            if (bit_at == 15) state <= NEXT;
          end
        end
      OUT_FORM: begin
        put <= 1;
        put_at <= mark;
        put_data <= as_events ? gaps : WORDS;
        state <= NEXT_STEP;
      end
      NEXT_STEP: begin
        steps <= steps - 1'b1;
        state <= steps == 1 ? DONE : FORM;
      end
      default: state <= HEADER;
    endcase

    if (&waited) begin
      core_reset <= 1;
      has_digest <= 0;
      fail(STUCK);
    end

    if (rst) begin
      state <= HEADER;
      index <= 0;
      session <= 0;
      held <= 0;
      expected <= 0;
      has_digest <= 0;
      core_reset <= 1;
    end
  end
endmodule
