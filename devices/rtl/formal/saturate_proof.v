`default_nettype none

// saturate.v against its definition by comparisons, for every number and every width.
module saturate_proof (
  input wire signed [33:0] value,
  input wire byte_wide,
  input wire wide
);
  wire signed [33:0] held;
  wire high, low;
  saturate saturate (.value(value), .byte_wide(byte_wide), .wide(wide), .held(held), .high(high), .low(low));

  wire signed [33:0] most = byte_wide ? 34'sd127 : wide ? 34'sd2147483647 : 34'sd32767;
  wire signed [33:0] least = -most - 34'sd1;
  always @* begin
    assert (high == (value > most));
    assert (low == (value < least));
    assert (held == (value > most ? most : value < least ? least : value));
  end
endmodule
