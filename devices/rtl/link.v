// The board's side of the link, as README.md describes it: takes frames, does what they ask of the core, each once and
// in order, and keeps the last answers. A small processor does that: between two bytes of a line there are dozens of
// cycles, and a program needs far less logic than a state for each thing to do. link_program.txt is its program;
// README.md, chapter "The processor of the link", has its language.
module link #(
    parameter SLOTS    = 2,   // 2^SLOTS frames in flight
    parameter PAYLOAD  = 504, // most bytes; the program and the slots of answers assume it
    parameter ROOM     = 11,  // 2^ROOM bytes of frames that wait
    parameter PATIENCE = 24   // a core that is busy for 2^PATIENCE cycles is stuck
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
    output wire        core_reset,
    output reg         working,  // on a request
    output wire        beat      // changes a few times a second
);
  // What an instruction takes, what it does with the result, and what it asks; build/program.mjs has the same numbers.
  localparam [2:0] IMMEDIATE = 0, VARIABLE = 1, BODY = 2, WORD = 3, AT = 4, AT_HIGH = 5, HEAD = 6, NOTHING = 7;
  localparam [3:0] TO_VARIABLE = 1, TO_ANSWER = 2, TO_HEADER = 3, TO_WORD = 4, TO_ADDRESS = 5, TO_COUNT = 6,
      TO_LEFT = 7, TO_AT = 8, TO_SLOT = 9, NOTICE = 10, NOTICE_END = 11, BUS = 12, CONTROL = 13, SHIFT = 14;
  localparam [3:0] IF_ZERO = 1, IF_CARRY = 2, IF_ODD = 3, IF_ALL_READ = 4, IF_NONE = 5, IF_LAST = 6, IF_FULL = 7,
      IF_FRAME = 8, IF_DROPPED = 9, IF_LACKED = 10, IF_SHORT = 11, IF_PENDING = 12, IF_PENDING_ANY = 13, IF_BUSY = 14,
      IF_LATE = 15;

  // -- Frames that come ----------------------------------------------------------------------------------------------
  wire push, commit, rollback, room, no_room;
  wire [7:0] push_data;
  frame_rx #(.PAYLOAD(PAYLOAD)) receiver (
      .clk(clk), .rst(rst), .rx_data(rx_data), .rx_valid(rx_valid), .rx_bad(rx_bad),
      .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback), .no_room(no_room)
  );

  wire next_valid, takes;
  wire [7:0] next;
  packet_fifo #(.ADDRESS(ROOM)) waiting (
      .clk(clk), .rst(rst), .push(push), .push_data(push_data), .room(room), .commit(commit), .rollback(rollback),
      .valid(next_valid), .data(next), .pop(takes)
  );

  // -- Instructions: a cycle to read a variable, another to do it, or as many as it waits ----------------------------
  wire [31:0] instruction;
  // The second cycle works on a copy: memory takes a third of a cycle to say what it has read.
  reg [31:0] copy;
  wire [2:0] operation = copy[31:29], source = copy[28:26];
  wire [3:0] effect = copy[25:22], condition = copy[12:9];
  wire [7:0] immediate = copy[21:14];
  wire [8:0] target = copy[8:0];
  wire [2:0] source_read = instruction[28:26];
  wire [3:0] condition_read = instruction[12:9];
  wire [7:0] immediate_read = instruction[21:14];
  reg [8:0] counter;
  reg executes;
  wire waits;
  reg holds;
  wire ends = executes && !waits;
  wire [8:0] following = rst ? 9'd0 : holds == copy[13] ? target : counter + 1'b1;
  link_program program_memory (.clk(clk), .read(ends || rst), .address(following), .instruction(instruction));

  always @(posedge clk) begin
    copy <= instruction;
    executes <= executes ? waits : 1'b1;
    if (ends || rst) counter <= following;
    if (rst) executes <= 0;
  end

  // -- The accumulator and its adder ---------------------------------------------------------------------------------
  reg [7:0] a;
  reg carry;
  reg [15:0] word;
  reg [8:0] at, left;
  wire [7:0] variable;
  // What is no variable is chosen in the first cycle, while that is read.
  reg [7:0] other;
  reg next_there, all_read;
  always @(posedge clk) begin
    next_there <= next_valid;
    all_read <= left == 0;
    case (source_read)
      IMMEDIATE: other <= immediate_read;
      BODY, HEAD: other <= next;
      WORD: other <= word[7:0];
      AT: other <= at[7:0];
      AT_HIGH: other <= {7'd0, at[8]};
      default: other <= 0;
    endcase
  end
  wire [7:0] operand = source == VARIABLE ? variable : other;
  wire is_shift = effect == SHIFT, shifts;
  wire subtracts = !operation[2] && operation[0];
  wire carry_in = !operation[2] && !is_shift && (operation[1] ? carry : operation[0]);
  wire [7:0] result;
  wire carry_out;
  // A shift that counts adds the complement of 0, -1.
  assign {carry_out, result} =
      {1'b0, operation[2] ? 8'd0 : a} + {1'b0, subtracts ? ~operand : operand} + {8'd0, carry_in};

  wire passes = operation[2] && operation[1];
  always @(posedge clk) begin
    if ((is_shift ? shifts : ends) && !passes) a <= result;
    // What only stores a, by adding nothing, leaves the carry as it is.
    if (ends && !operation[2] && source != NOTHING) carry <= carry_out;
  end

  ram #(.BITS(8), .WIDTH(8)) variables (
      .clk(clk), .read(!executes), .read_address(immediate_read), .q(variable),
      .write(ends && effect == TO_VARIABLE), .write_address(immediate), .data(result)
  );

  // -- Whether the payload is all read -------------------------------------------------------------------------------
  // More was taken than there was.
  reg is_short;
  assign takes = ends && (source == HEAD || (source == BODY && !all_read));
  always @(posedge clk) begin
    if (ends && source == BODY) begin
      if (all_read) is_short <= 1;
      else left <= left - 1'b1;
    end
    if (ends && effect == TO_LEFT) begin
      left <= {left[0], result};
      is_short <= 0;
    end
  end

  // -- The core's bus, its word, and the CRC of words ----------------------------------------------------------------
  reg [23:0] address, count;  // bytes are shifted in, the lowest first
  reg [3:0] bit_at;
  reg [31:0] crc;
  reg asked;
  wire is_bus = effect == BUS, bus_writes = immediate[0];
  assign h_valid = executes && is_bus && !asked;
  assign h_write = bus_writes;
  assign h_addr = address[19:0];
  assign h_wdata = word;
  wire none = count[19:0] == 0, last = count[19:0] == 1;

  // Bits of the number of a shift: see build/program.mjs.
  wire stops = (immediate[2] && a == 0) || (immediate[3] && word[0]);
  wire wraps = &bit_at;
  assign shifts = executes && is_shift && !stops;
  wire feedback = immediate[6] && (crc[0] ^ word[0]);
  wire shifted_in = immediate[0] || (immediate[5] && !crc[0]);

  always @(posedge clk) begin
    asked <= executes && is_bus && !ends && (asked || h_ready);
    if (ends && is_bus) begin
      address[19:0] <= address[19:0] + 1'b1;
      count[19:0] <= count[19:0] - 1'b1;
    end
    if (ends && effect == TO_ADDRESS) address <= {result, address[23:8]};
    if (ends && effect == TO_COUNT) count <= {result, count[23:8]};

    if (h_rvalid) word <= h_rdata;
    if (ends && (effect == TO_WORD || source == WORD)) word <= {result, word[15:8]};
    if (shifts) begin
      word <= {shifted_in, word[15:1]};
      bit_at <= bit_at + 1'b1;
      if (immediate[5]) crc <= (crc >> 1) ^ (feedback ? 32'hEDB88320 : 32'd0);
    end
    if (is_bus || effect == TO_COUNT) bit_at <= 0;
    if (effect == TO_COUNT) crc <= 32'hFFFFFFFF;
  end

  // -- Answers -------------------------------------------------------------------------------------------------------
  reg [SLOTS-1:0] slot;
  wire [(1<<SLOTS)-1:0] pending;
  wire notice_ready;
  wire is_notice = effect == NOTICE || effect == NOTICE_END;
  // It never waits.
  wire controls = executes && effect == CONTROL;
  // The header lies behind the longest payload. What finds no place leaves a length that no answer has.
  wire is_full = &at[8:3];
  answer_store #(.SLOTS(SLOTS)) answer (
      .clk(clk), .rst(rst),
      .write(ends && ((effect == TO_ANSWER && !is_full) || effect == TO_HEADER)),
      .write_slot(slot), .write_offset(at), .write_data(result),
      .send(controls && immediate[0]), .send_slot(slot), .pending(pending),
      .notice(executes && is_notice), .notice_data(a), .notice_last(effect == NOTICE_END),
      .notice_ready(notice_ready),
      .tx_data(tx_data), .tx_valid(tx_valid), .tx_ready(tx_ready)
  );
  always @(posedge clk)
    if (ends)
      case (effect)
        TO_ANSWER: at <= is_full ? 9'd511 : at + 1'b1;
        TO_HEADER: at <= at + 1'b1;
        TO_AT: at <= {at[0], result};
        TO_SLOT: begin
          slot <= result[SLOTS-1:0];
          at <= 0;
        end
        default: ;
      endcase

  // -- The rest of the core, and time --------------------------------------------------------------------------------
  assign start = controls && immediate[1];
  assign core_reset = rst || (controls && immediate[2]);
  reg [PATIENCE-1:0] timer;
  reg [1:0] laps;
  wire [PATIENCE:0] ticked = {1'b0, timer} + 1'b1;
  assign beat = timer[PATIENCE-1];
  reg dropped, lacked;
  always @(posedge clk) begin
    timer <= ticked[PATIENCE-1:0];
    if (ticked[PATIENCE]) laps <= {laps[0], 1'b1};
    if (start) laps <= 0;
    if (controls && immediate[3]) begin
      dropped <= 0;
      lacked <= 0;
    end
    if (rollback) dropped <= 1;
    if (no_room) lacked <= 1;
    if (ends && condition == IF_FRAME) working <= asked_before;
    if (rst) begin
      timer <= 0;
      dropped <= 0;
      lacked <= 0;
      working <= 1;
    end
  end

  // -- What an instruction waits for, and what it asks ---------------------------------------------------------------
  assign waits = ((source == HEAD || (source == BODY && !all_read)) && !next_there) ||
      (is_notice && !notice_ready) || (is_bus && !(bus_writes ? h_ready : h_rvalid)) ||
      (shifts && !wraps && !immediate[4]);
  // Only what depends on the second cycle is asked there.
  reg asked_before;
  always @(posedge clk)
    case (condition_read)
      IF_ALL_READ: asked_before <= left == 0;
      IF_NONE: asked_before <= none;
      IF_LAST: asked_before <= last;
      IF_FRAME: asked_before <= next_valid;
      IF_DROPPED: asked_before <= dropped;
      IF_LACKED: asked_before <= lacked;
      IF_SHORT: asked_before <= is_short;
      IF_PENDING: asked_before <= pending[slot];
      IF_PENDING_ANY: asked_before <= pending != 0;
      IF_BUSY: asked_before <= busy;
      IF_LATE: asked_before <= laps[1];
      default: asked_before <= 1;
    endcase
  always @*
    case (condition)
      IF_ZERO: holds = result == 0;
      IF_CARRY: holds = carry_out;
      IF_ODD: holds = result[0];
      IF_FULL: holds = shifts && wraps;
      default: holds = asked_before;
    endcase
endmodule
