`default_nettype none

// The generator of a connection that learns, xoshiro128** (Blackman and Vigna 2018; docs/semantics.md section 3). Its
// state of four numbers lies in a RAM of two banks. `draw` begins: in the next cycle the number drawn is ready, bit by
// bit, the lowest first, and 16 cycles later the next state is complete, in the other bank.
//
// The number is rotl(s1 * 5, 7) * 9: the product with 5 is added at once, that with 9 bit by bit.
module random (
  input wire clk,
  input wire rst,
  // Between draws: the state as eight words of 16 bits. A word read is there in the next cycle.
  input wire load,
  input wire [2:0] number,
  input wire [15:0] word,
  output wire [15:0] read,
  // A draw, and the bits of its number.
  input wire draw,
  input wire next,
  output wire drawn
);
  reg bank;
  reg working;
  reg [3:0] step;

  // ---- what each step of a draw does with q, which the step before has read
  // The order of reading: s1 s3 s0 -, s1 s2 s0 -, s0 s2 s1 -, s1 s3 - -.
  reg [1:0] reads;
  always @*
    case (working ? step : 4'hf)
      4'h0, 4'hc: reads = 3;
      4'h4, 4'h8: reads = 2;
      4'h1, 4'h5, 4'h6, 4'h7: reads = 0;
      default: reads = 1;
    endcase
  wire stores = working & step[1:0] == 3;
  wire rotates = step == 4'he;
  wire shifts = step == 4'ha;

  wire [31:0] q;
  reg [31:0] sum;
  wire [31:0] taken = shifts ? {q[22:0], 9'd0} : q;

  // ---- state
  wire [2:0] read_at = {bank, working | draw ? reads : number[2:1]};
  wire [2:0] written_at = working ? {~bank, step[3:2]} : {bank, number[2:1]};
  ram #(.BITS(3)) low_halves (
    .clk(clk), .read(1'b1), .read_address(read_at), .q(q[15:0]), .write(stores | load & ~number[0]),
    .write_address(written_at), .data(working ? sum[15:0] : word)
  );
  ram #(.BITS(3)) high_halves (
    .clk(clk), .read(1'b1), .read_address(read_at), .q(q[31:16]), .write(stores | load & number[0]),
    .write_address(written_at), .data(working ? sum[31:16] : word)
  );
  reg upper;
  assign read = upper ? q[31:16] : q[15:0];

  // ---- the number
  reg [31:0] rotated;
  reg [2:0] earlier;
  reg carry;
  wire [31:0] product = q + {q[29:0], 2'd0};
  wire takes = working & step == 0;
  assign drawn = rotated[0] ^ earlier[2] ^ carry;

  always @(posedge clk) begin
    upper <= number[0];
    sum <= rotates ? {sum[20:0], sum[31:21]} : sum ^ taken;
    if (stores | ~working) sum <= 0;
    if (takes) begin
      rotated <= {product[24:0], product[31:25]};
      earlier <= 0;
      carry <= 0;
    end else if (next) begin
      rotated <= {1'b0, rotated[31:1]};
      earlier <= {earlier[1:0], rotated[0]};
      carry <= rotated[0] & earlier[2] | carry & (rotated[0] | earlier[2]);
    end
    step <= working ? step + 1'b1 : 4'd0;
    if (draw) working <= 1;
    else if (&step) begin
      working <= 0;
      bank <= ~bank;
    end
    if (rst) begin
      working <= 0;
      step <= 0;
      bank <= 0;
    end
  end
endmodule
