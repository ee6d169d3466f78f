`include "description.vh"
`default_nettype none

// The core: memories, the host's way to them between steps, and the sequencer, which in a step runs the instructions of
// the program one after the other. README.md explains the whole.
module core #(
  parameter MEMORY_BITS = 16,
  parameter ACTIVITY_BITS = 10,
  parameter PROGRAM_BITS = 8,
  parameter PAIR_BITS = 9,
  // 0 builds a smaller core, which does not learn.
  parameter LEARNING = 1
) (
  input wire clk,
  input wire rst,
  // Host bus: a request is taken where valid & ready; the word of a read comes in the next cycle, with rvalid.
  input wire h_valid,
  input wire h_write,
  input wire [19:0] h_addr,
  input wire [15:0] h_wdata,
  output wire h_ready,
  output reg h_rvalid,
  output wire [15:0] h_rdata,
  // One step of the loaded program; taken where not busy. busy rises in the next cycle.
  input wire start,
  output wire busy
);
  localparam CLEAR = 0, IDLE = 1, FETCH = 2, DECODE = 3, WORK = 4;
  reg [2:0] state;
  assign busy = state != IDLE;
  assign h_ready = state == IDLE & ~start;

  // ---- host bus
  wire taken = h_valid & h_ready;
  wire [3:0] region = h_addr[19:16];
  wire host_writes = taken & h_write;
  reg [3:0] read_region;
  reg [3:0] read_register;
  always @(posedge clk) begin
    h_rvalid <= taken & ~h_write;
    read_region <= region;
    read_register <= h_addr[3:0];
  end

  // ---- instruction: 8 words, word 0 in the lowest bits; the last moved in at the top
  reg [PROGRAM_BITS-1:0] counter;
  reg [3:0] fetched;
  reg [16 * `CORE_INSTRUCTION_WORDS - 1:0] instruction;
  wire [15:0] program_q;
  wire [3:0] opcode = instruction[3:0];
  ram #(.BITS(PROGRAM_BITS)) program_memory (
    .clk(clk),
    .read(1'b1), .read_address(busy ? counter : h_addr[PROGRAM_BITS-1:0]), .q(program_q),
    .write(host_writes & region == `CORE_REGIONS_PROGRAM), .write_address(h_addr[PROGRAM_BITS-1:0]), .data(h_wdata)
  );
  `define CORE_WORD(i) instruction[16 * (i) +: 16]

  // ---- sequencer
  reg [PROGRAM_BITS-1:0] entry;
  reg [31:0] cycles;
  reg fault;
  // After a reset all sums are cleared; every `update` leaves its own cleared.
  reg [PAIR_BITS-1:0] cleared;
  wire integrates = state == DECODE & opcode == `CORE_OPCODES_INTEGRATE;
  wire updates = state == DECODE & opcode == `CORE_OPCODES_UPDATE;
  wire learns = state == DECODE & learning_opcode & ~skips;
  wire integrate_done, update_done, learn_done;
  // Whether spikes change no weights; errors do all the same.
  reg holds;
  wire learning_opcode = LEARNING != 0 &
    (opcode == `CORE_OPCODES_TRACE | opcode == `CORE_OPCODES_LEARN | opcode == `CORE_OPCODES_COPY);
  wire skips = holds & opcode == `CORE_OPCODES_LEARN & ~instruction[`CORE_LEARN_BITS_EVERYONE];

  always @(posedge clk) begin
    if (busy) cycles <= cycles + 1'b1;
    if (host_writes & region == `CORE_REGIONS_REGISTERS)
      case (h_addr[3:0])
        `CORE_REGISTERS_ENTRY: entry <= h_wdata[PROGRAM_BITS-1:0];
        `CORE_REGISTERS_FAULT: fault <= 0;
        `CORE_REGISTERS_HOLDS: holds <= h_wdata[0];
        default: ;
      endcase
    case (state)
      CLEAR: begin
        cleared <= cleared + 1'b1;
        if (&cleared) state <= IDLE;
      end
      IDLE: begin
        counter <= entry;
        fetched <= 0;
        if (start) begin
          cycles <= 0;
          state <= FETCH;
        end
      end
      FETCH: begin
        // The program memory answers a cycle late: nine cycles for eight words.
        if (fetched != `CORE_INSTRUCTION_WORDS) counter <= counter + 1'b1;
        else state <= DECODE;
        instruction <= {program_q, instruction[16 * `CORE_INSTRUCTION_WORDS - 1:16]};
        fetched <= fetched + 1'b1;
      end
      DECODE: begin
        fetched <= 0;
        fault <= fault | ~(integrates | updates | learning_opcode | opcode == `CORE_OPCODES_END);
        state <= integrates | updates | learns ? WORK : learning_opcode ? FETCH : IDLE;
      end
      WORK: if (integrate_done | update_done | learn_done) state <= FETCH;
      default: state <= IDLE;
    endcase
    if (rst) begin
      state <= CLEAR;
      cleared <= 0;
      entry <= 0;
      fault <= 0;
      holds <= 0;
    end
  end

  // ---- integrate
  wire source_read;
  wire [ACTIVITY_BITS-1:0] source_address;
  wire [15:0] activity_q;
  wire [15:0] weight_address;
  wire [15:0] memory_q;
  wire signed [7:0] value;
  wire [1:0] arrives;
  wire [PAIR_BITS-1:0] arrives_at;
  wire sparse = instruction[`CORE_INTEGRATE_BITS_SPARSE];
  wire learned = LEARNING != 0 & instruction[`CORE_INTEGRATE_BITS_LEARNED];
  integrate #(.PAIR_BITS(PAIR_BITS), .ACTIVITY_BITS(ACTIVITY_BITS)) integrate (
    .clk(clk), .rst(rst), .start(integrates), .done(integrate_done),
    .bytes(instruction[`CORE_INTEGRATE_BITS_BYTES]), .sparse(sparse), .learned(learned),
    .source(instruction[16 * `CORE_INTEGRATE_WORDS_SOURCE +: ACTIVITY_BITS]),
    .source_words(`CORE_WORD(`CORE_INTEGRATE_WORDS_SOURCE_WORDS)), .rows(`CORE_WORD(`CORE_INTEGRATE_WORDS_ROWS)),
    .row_words(`CORE_WORD(`CORE_INTEGRATE_WORDS_ROW_WORDS)),
    .pair(instruction[16 * `CORE_INTEGRATE_WORDS_PAIR +: PAIR_BITS]),
    .activity_read(source_read), .activity_address(source_address), .activity_q(activity_q),
    .pointer(weight_address), .memory_q(memory_q),
    .value(value), .arrives(arrives), .arrives_at(arrives_at)
  );

  // ---- sums of what arrives
  wire sum_read;
  wire [1:0] sum_clear;
  wire [PAIR_BITS-1:0] sum_pair;
  wire signed [31:0] even_sum, odd_sum;
  wire clears = state == CLEAR;
  wire [PAIR_BITS-1:0] lanes_pair = clears ? cleared : sum_pair;
  wire [3:0] shift = instruction[`CORE_INTEGRATE_BITS_SHIFT +: 4];
  // q of a weight W: (W + 128) >> 8 within -127 ... 127.
  wire rounds_up = memory_q[15:8] != 8'h7f & (memory_q[7] | memory_q[15:8] == 8'h80);
  wire [7:0] rounded = memory_q[15:8] + {7'd0, rounds_up};
  lane #(.PAIR_BITS(PAIR_BITS)) even_lane (
    .clk(clk), .weight(learned ? rounded : memory_q[7:0]), .value(value), .arrives(arrives[0]),
    .arrives_at(arrives_at), .shift(shift),
    .read(sum_read), .clear(clears | sum_clear[0]), .pair(lanes_pair), .sum(even_sum)
  );
  // A word of a sparse or learned row has one weight, for either lane.
  lane #(.PAIR_BITS(PAIR_BITS)) odd_lane (
    .clk(clk), .weight(learned ? rounded : sparse ? memory_q[7:0] : memory_q[15:8]), .value(value),
    .arrives(arrives[1]), .arrives_at(arrives_at), .shift(shift), .read(sum_read), .clear(clears | sum_clear[1]),
    .pair(lanes_pair), .sum(odd_sum)
  );

  // ---- update
  wire [15:0] record_address, record_data;
  wire record_write;
  wire emits;
  wire [ACTIVITY_BITS-1:0] emits_to;
  wire [15:0] emitted;
  update #(.PAIR_BITS(PAIR_BITS), .ACTIVITY_BITS(ACTIVITY_BITS)) update (
    .clk(clk), .rst(rst), .start(updates), .done(update_done),
    .target(instruction[16 * `CORE_UPDATE_WORDS_TARGET +: ACTIVITY_BITS]),
    .neurons(`CORE_WORD(`CORE_UPDATE_WORDS_NEURONS)), .record(`CORE_WORD(`CORE_UPDATE_WORDS_RECORD)),
    .own({instruction[16 * `CORE_UPDATE_WORDS_OWN_HIGH +: `CORE_RECORD_WORDS - 16],
      `CORE_WORD(`CORE_UPDATE_WORDS_OWN_LOW)}),
    .first_pair(instruction[16 * `CORE_UPDATE_WORDS_PAIR +: PAIR_BITS]),
    .read_out(instruction[`CORE_UPDATE_BITS_READ_OUT]), .has_current(instruction[`CORE_UPDATE_BITS_CURRENT]),
    .subtract(instruction[`CORE_UPDATE_BITS_SUBTRACT]), .many(instruction[`CORE_UPDATE_BITS_MANY]),
    .wide(instruction[`CORE_UPDATE_BITS_WIDE]), .unshifted(instruction[`CORE_UPDATE_BITS_UNSHIFTED]),
    .hand_on(instruction[`CORE_UPDATE_BITS_HAND_ON +: 5]),
    .memory_address(record_address), .memory_write(record_write), .memory_data(record_data), .memory_q(memory_q),
    .sum_read(sum_read), .sum_clear(sum_clear), .pair(sum_pair), .even_sum(even_sum), .odd_sum(odd_sum),
    .activity_write(emits), .activity_address(emits_to), .activity_data(emitted)
  );

  // ---- learning
  wire [15:0] learn_address, learn_data;
  wire learn_write;
  wire spikes_read;
  wire [ACTIVITY_BITS-1:0] spikes_address;
  generate
    if (LEARNING != 0) begin : learning
      learn #(.ACTIVITY_BITS(ACTIVITY_BITS)) learn (
        .clk(clk), .rst(rst), .start(learns), .done(learn_done), .traces(opcode == `CORE_OPCODES_TRACE),
        .copies(opcode == `CORE_OPCODES_COPY), .everyone(instruction[`CORE_LEARN_BITS_EVERYONE]),
        .decays(instruction[`CORE_LEARN_BITS_DECAYS]), .sets(instruction[`CORE_LEARN_BITS_SETS]),
        .by_inner(instruction[`CORE_LEARN_BITS_BY_INNER]), .visits(instruction[`CORE_LEARN_BITS_VISITS]),
        .source(instruction[16 * `CORE_LEARN_WORDS_SOURCE +: ACTIVITY_BITS]),
        .outer(instruction[16 * `CORE_LEARN_WORDS_OUTER +: `CORE_COUNT_BITS]),
        .inner_or_factor(`CORE_WORD(`CORE_LEARN_WORDS_INNER)),
        .first_weight(`CORE_WORD(`CORE_LEARN_WORDS_WEIGHTS)),
        .first_trace(instruction[16 * `CORE_LEARN_WORDS_TRACES + 1 +: 15]),
        .first_row(instruction[16 * `CORE_LEARN_WORDS_TABLE + 2 +: 14]),
        .generator(instruction[16 * `CORE_LEARN_WORDS_GENERATOR + 3 +: 13]), .activity_read(spikes_read),
        .activity_address(spikes_address), .activity_q(activity_q), .memory_address(learn_address),
        .memory_write(learn_write), .memory_data(learn_data), .memory_q(memory_q)
      );
    end else begin : fixed
      assign learn_done = 0;
      assign {learn_address, learn_data, learn_write, spikes_read, spikes_address} = 0;
    end
  endgenerate

  // ---- memories
  wire integrating = opcode == `CORE_OPCODES_INTEGRATE;
  wire [15:0] memory_address =
    !busy ? h_addr[15:0] : integrating ? weight_address : learning_opcode ? learn_address : record_address;
  wire memory_write = busy ? record_write | learn_write : host_writes & region == `CORE_REGIONS_MEMORY;
  wire [15:0] memory_data = !busy ? h_wdata : learning_opcode ? learn_data : record_data;
  memory #(.BITS(MEMORY_BITS)) memory (
    .clk(clk), .write(memory_write), .address(memory_address[MEMORY_BITS-1:0]), .data(memory_data), .q(memory_q)
  );
  wire [ACTIVITY_BITS-1:0] read_address =
    !busy ? h_addr[ACTIVITY_BITS-1:0] : learning_opcode ? spikes_address : source_address;
  ram #(.BITS(ACTIVITY_BITS)) activity (
    .clk(clk), .read(~busy | source_read | spikes_read), .read_address(read_address), .q(activity_q),
    .write(busy ? emits : host_writes & region == `CORE_REGIONS_ACTIVITY),
    .write_address(busy ? emits_to : h_addr[ACTIVITY_BITS-1:0]), .data(busy ? emitted : h_wdata)
  );

  // ---- what the host reads
  reg [15:0] register_q;
  always @*
    case (read_register)
      `CORE_REGISTERS_IDENTITY: register_q = `CORE_IDENTITY;
      `CORE_REGISTERS_VERSION: register_q = `CORE_VERSION;
      `CORE_REGISTERS_MEMORY: register_q = 1 << (MEMORY_BITS - 10);
      `CORE_REGISTERS_ACTIVITY: register_q = 1 << ACTIVITY_BITS;
      `CORE_REGISTERS_PROGRAM: register_q = 1 << PROGRAM_BITS;
      `CORE_REGISTERS_PAIRS: register_q = 1 << PAIR_BITS;
      `CORE_REGISTERS_ENTRY: register_q = {{(16 - PROGRAM_BITS) {1'b0}}, entry};
      `CORE_REGISTERS_CYCLES_LOW: register_q = cycles[15:0];
      `CORE_REGISTERS_CYCLES_HIGH: register_q = cycles[31:16];
      `CORE_REGISTERS_FAULT: register_q = {15'd0, fault};
      `CORE_REGISTERS_LEARNING: register_q = LEARNING;
      default: register_q = 0;
    endcase
  assign h_rdata = read_region == `CORE_REGIONS_MEMORY ? memory_q
    : read_region == `CORE_REGIONS_ACTIVITY ? activity_q
    : read_region == `CORE_REGIONS_PROGRAM ? program_q
    : register_q;

`ifdef FORMAL
`include "formal/core.vh"
`endif
endmodule
