// The candidates for each op, in the order in which they are asked. A candidate answers with a kernel or
// refuses with a reason; what it is for in general stands in its row, and it is asked for nothing else. A new
// kernel is one function and one row here.
#pragma once
#include "folio/kernels/request.h"

namespace folio {

using Candidate = std::optional<ChosenKernel> (*)(const KernelRequest& request, std::string& refusal);

// kernels/cpu/
std::optional<ChosenKernel> fused_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> matmul_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> batched_matmul_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> lanes_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> depthwise_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> matrix_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> pooling_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> reduce_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> softmax_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> attention_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> copy_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> transpose_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> layout_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> labels_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> gather_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> scatter_add_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> random_normal_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> scalar_kernel(const KernelRequest&, std::string& refusal);
// kernels/definition.cpp
std::optional<ChosenKernel> definition_kernel(const KernelRequest&, std::string& refusal);

/// Types of a node's first output that a candidate is for.
enum class Elements : uint8_t { float32, any };
/// Layouts that a candidate is for: all values plain, the first input in lanes, or whatever there is.
enum class Layouts : uint8_t { plain, lanes, any };

/// Rows that a candidate is for: those that lie together in memory, or also with room between them.
enum class Rows : uint8_t { together, any };

struct CandidateRow {
  const char* op;
  Candidate candidate;
  Elements elements = Elements::float32;
  Layouts layouts = Layouts::plain;
  Rows rows = Rows::together;
};

inline constexpr CandidateRow kCandidates[] = {
    {"Fused", fused_kernel, Elements::float32, Layouts::any, Rows::any},
    {"MatMul", matmul_kernel, Elements::float32, Layouts::plain, Rows::any},
    {"AddedMatMul", matmul_kernel, Elements::float32, Layouts::plain, Rows::any},
    {"MatMul", batched_matmul_kernel},
    {"TransposedMatMul", batched_matmul_kernel},
    {"Convolution2D", lanes_convolution_kernel, Elements::float32, Layouts::lanes},
    {"Convolution2D", depthwise_convolution_kernel},
    {"Convolution2D", matrix_convolution_kernel},
    {"CellConvolution2D", depthwise_convolution_kernel},
    {"CellConvolution2D", matrix_convolution_kernel},
    {"Convolution2DInputGradient", lanes_convolution_kernel, Elements::float32, Layouts::lanes},
    {"Convolution2DInputGradient", depthwise_convolution_kernel},
    {"Convolution2DInputGradient", matrix_convolution_kernel},
    {"GrainKernelGradient", lanes_convolution_kernel, Elements::float32, Layouts::lanes},
    {"Convolution2DKernelGradient", depthwise_convolution_kernel},
    {"Convolution2DKernelGradient", matrix_convolution_kernel},
    {"MaxPool", pooling_kernel, Elements::float32, Layouts::any},
    {"MaxPoolGradient", pooling_kernel, Elements::float32, Layouts::any},
    {"AveragePool", pooling_kernel, Elements::float32, Layouts::any},
    {"AveragePoolGradient", pooling_kernel, Elements::float32, Layouts::any},
    {"Sum", reduce_kernel},
    {"Max", reduce_kernel},
    {"GrainSum", reduce_kernel, Elements::float32, Layouts::any},
    {"Softmax", softmax_kernel},
    {"SoftmaxGradient", softmax_kernel},
    {"LogSoftmax", softmax_kernel},
    {"Attention", attention_kernel},
    {"AttentionGradient", attention_kernel},
    {"Broadcast", copy_kernel, Elements::any, Layouts::any},
    {"Concatenate", copy_kernel, Elements::any, Layouts::any},
    {"Slice", copy_kernel, Elements::any, Layouts::any},
    {"SliceGradient", copy_kernel, Elements::float32, Layouts::any},
    {"Split", copy_kernel, Elements::any, Layouts::any},
    {"Pad", copy_kernel, Elements::any, Layouts::any},
    {"Transpose", transpose_kernel, Elements::any},
    {"LayoutChange", layout_kernel, Elements::any, Layouts::any},
    {"Cast", labels_kernel, Elements::any},
    {"OneHot", labels_kernel, Elements::any},
    {"ArgMax", labels_kernel, Elements::any},
    {"Gather", gather_kernel, Elements::any},
    {"ScatterAdd", scatter_add_kernel},
    {"RandomNormal", random_normal_kernel},
};

}  // namespace folio
