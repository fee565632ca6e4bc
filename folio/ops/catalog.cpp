#include "folio/ops/catalog.h"

namespace folio {

const std::vector<OpEntry>& op_catalog() {
  static const std::vector<OpEntry> entries = {
      // Element by element, of one value.
      {"Negate", "-x"},
      {"Absolute", "|x|"},
      {"Sign", "-1, 0 or 1"},
      {"Square", "x * x"},
      {"SquareRoot", "the square root of x"},
      {"ReciprocalSquareRoot", "1 / sqrt(x)"},
      {"Reciprocal", "1 / x"},
      {"Exponential", "e to the power x"},
      {"ExponentialMinusOne", "exp(x) - 1, exact near 0"},
      {"Logarithm", "the natural logarithm of x"},
      {"LogarithmOnePlus", "log(1 + x), exact near 0"},
      {"Sine", "sin(x)"},
      {"Cosine", "cos(x)"},
      {"Tanh", "the hyperbolic tangent of x"},
      {"Sigmoid", "1 / (1 + exp(-x))"},
      {"ErrorFunction", "erf(x)"},
      {"Relu", "max(x, 0)"},
      {"Softplus", "log(1 + exp(x)), without overflow"},
      {"Floor", "the largest whole number that is not above x"},
      {"Round", "the nearest whole number, halves to even"},
      {"StopGradient", "x itself, through which no gradient flows"},
      // Element by element, of two or three values.
      {"Add", "a + b"},
      {"Subtract", "a - b"},
      {"Multiply", "a * b"},
      {"Divide", "a / b"},
      {"Maximum", "the larger of a and b"},
      {"Minimum", "the smaller of a and b"},
      {"Power", "a to the power b"},
      {"Less", "1 where a < b, else 0"},
      {"LessEqual", "1 where a <= b, else 0"},
      {"Greater", "1 where a > b, else 0"},
      {"GreaterEqual", "1 where a >= b, else 0"},
      {"Equal", "1 where a = b, else 0"},
      {"NotEqual", "1 where a differs from b, else 0"},
      {"Select", "b where a is not 0, else c"},
      // Types.
      {"Cast", "the same numbers in another element type"},
      {"OneHot", "class numbers as vectors of zeros with a single 1"},
      // Shapes.
      {"Reshape", "the same elements in another shape"},
      {"Broadcast", "a value stretched over new dimensions"},
      {"Transpose", "dimensions in another order"},
      {"Slice", "a run of elements along one dimension"},
      {"SliceGradient", "the gradient of slices of one value: each added to zeros at its place"},
      {"Split", "one value as several, behind each other along one dimension"},
      {"Concatenate", "values behind each other along one dimension"},
      {"Flip", "a value turned round along one dimension"},
      {"Pad", "a border of zeros"},
      {"Gather", "rows of a table by their numbers"},
      {"ScatterAdd", "sums of rows by their numbers, the gradient of Gather"},
      // Reductions.
      {"Sum", "the sum over dimensions"},
      {"Max", "the largest element over dimensions"},
      {"ArgMax", "the place of the largest element along the last dimension"},
      {"Softmax", "exp(x) divided by its sum along the last dimension"},
      {"SoftmaxGradient", "the gradient of a softmax"},
      {"LogSoftmax", "the logarithm of the softmax"},
      // Products.
      {"MatMul", "the matrix product, also of batches of matrices"},
      {"Convolution2D", "the cross-correlation of pictures with kernels"},
      {"Convolution2DInputGradient", "the gradient of a convolution's pictures"},
      {"Convolution2DKernelGradient", "the gradient of a convolution's kernel"},
      // Attention.
      {"Attention", "what each query finds among keys and values, head by head"},
      {"AttentionGradient", "the gradient of an attention"},
      // Windows.
      {"MaxPool", "the largest element of each window, and its place"},
      {"MaxPoolGradient", "the gradient of a maximum over windows"},
      {"MaxPoolSelect", "the elements at given places of the windows"},
      {"AveragePool", "the mean of each window"},
      {"AveragePoolGradient", "the gradient of a mean over windows"},
      // Chance.
      {"Dropout", "elements set to 0 at random, the others enlarged"},
      {"RandomNormal", "normal random numbers"},
      {"RandomUniform", "uniform random numbers"},
      {"AffineTransform", "pictures seen through a matrix each"},
      {"AffineTransformGradient", "its gradient of the pictures"},
      // Time.
      {"Scan", "a step with states, along the time of sequences"},
      // Made by the compiler, never by people.
      {"Fused", "several element by element ops as one"},
      {"GrainSum", "a sum over the batch, separately for every grain of rows"},
      {"TransposedMatMul", "products of transposed values, read and written where they lie"},
      {"AddedMatMul", "a matrix product, added to what is there already"},
      {"GrainKernelGradient", "a convolution's kernel gradient, separately for every grain of pictures"},
      {"CellConvolution2D", "a convolution whose rows are cells of pictures"},
  };
  return entries;
}

}  // namespace folio
