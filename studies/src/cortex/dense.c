/* An ordinary net in int8, dense layers of 784, 64 and 10, as the plain C code of a small library computes them (the
   scheme of Jacob et al. 2018: "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
   Inference"): sums of 32 bits from a bias, each brought to int8 by a multiplier of 31 bits and a shift. It stands in
   for such a library; three rows of weights at a time share what they load of the input. */
#include <stdint.h>
#include "board.h"
#include "dense-weights.h"

extern const uint8_t *image;
extern int answer;
static int8_t scores[10];

static int8_t scaled(int32_t sum, int32_t multiplier, int shift, int32_t lowest) {
  const int64_t product = (int64_t)sum * multiplier;
  const int32_t value = (int32_t)((product + ((int64_t)1 << (30 + shift))) >> (31 + shift));
  return (int8_t)(value < lowest ? lowest : value > 127 ? 127 : value);
}

/* The zero point of the input is in the biases. */
static void layer(const int8_t *weights, const int32_t *bias, int32_t multiplier, int shift, int32_t lowest,
                  const int8_t *input, int inputs, int outputs, int8_t *output) {
  int row = 0;
  for (; row + 3 <= outputs; row += 3, weights += 3 * inputs) {
    const int8_t *w0 = weights, *w1 = w0 + inputs, *w2 = w1 + inputs;
    int32_t sum0 = bias[row], sum1 = bias[row + 1], sum2 = bias[row + 2];
    for (int i = 0; i < inputs; i++) {
      const int32_t x = input[i];
      sum0 += x * *w0++;
      sum1 += x * *w1++;
      sum2 += x * *w2++;
    }
    output[row] = scaled(sum0, multiplier, shift, lowest);
    output[row + 1] = scaled(sum1, multiplier, shift, lowest);
    output[row + 2] = scaled(sum2, multiplier, shift, lowest);
  }
  for (; row < outputs; row++, weights += inputs) {
    int32_t sum = bias[row];
    for (int i = 0; i < inputs; i++) sum += input[i] * weights[i];
    output[row] = scaled(sum, multiplier, shift, lowest);
  }
}

void infer(void) {
  static int8_t input[784], hidden[64];
  for (int i = 0; i < 784; i++) input[i] = (int8_t)(image[i] - 128);
  layer(weights1, bias1, MULTIPLIER1, SHIFT1, 0, input, 784, 64, hidden);
  layer(weights2, bias2, MULTIPLIER2, SHIFT2, -128, hidden, 64, 10, scores);
  answer = 0;
  for (int k = 1; k < 10; k++)
    if (scores[k] > scores[answer]) answer = k;
}

__attribute__((section(".text.harness"))) void inferred(void) {
  int32_t wide[10];
  for (int k = 0; k < 10; k++) wide[k] = scores[k];
  say("scores", wide, 10);
}
