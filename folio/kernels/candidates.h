// The candidates for each op, in the order in which they are asked. A candidate answers with a kernel or
// refuses with a reason. A new kernel is one function and one row here.
#pragma once
#include "folio/kernels/request.h"

namespace folio {

using Candidate = std::optional<ChosenKernel> (*)(const KernelRequest& request, std::string& refusal);

// kernels/cpu/
std::optional<ChosenKernel> fused_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> matmul_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> lanes_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> depthwise_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> matrix_convolution_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> pooling_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> reduce_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> softmax_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> copy_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> layout_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> labels_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> gather_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> scatter_add_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> random_normal_kernel(const KernelRequest&, std::string& refusal);
std::optional<ChosenKernel> scalar_kernel(const KernelRequest&, std::string& refusal);
// kernels/definition.cpp
std::optional<ChosenKernel> definition_kernel(const KernelRequest&, std::string& refusal);

struct CandidateRow {
  const char* op;
  Candidate candidate;
};

inline constexpr CandidateRow kCandidates[] = {
    {"Fused", fused_kernel},
    {"MatMul", matmul_kernel},
    {"Convolution2D", lanes_convolution_kernel},
    {"Convolution2D", depthwise_convolution_kernel},
    {"Convolution2D", matrix_convolution_kernel},
    {"Convolution2DInputGradient", lanes_convolution_kernel},
    {"Convolution2DInputGradient", depthwise_convolution_kernel},
    {"Convolution2DInputGradient", matrix_convolution_kernel},
    {"GrainKernelGradient", lanes_convolution_kernel},
    {"Convolution2DKernelGradient", depthwise_convolution_kernel},
    {"Convolution2DKernelGradient", matrix_convolution_kernel},
    {"MaxPool", pooling_kernel},
    {"MaxPoolGradient", pooling_kernel},
    {"AveragePool", pooling_kernel},
    {"AveragePoolGradient", pooling_kernel},
    {"Sum", reduce_kernel},
    {"Max", reduce_kernel},
    {"GrainSum", reduce_kernel},
    {"Softmax", softmax_kernel},
    {"LogSoftmax", softmax_kernel},
    {"Broadcast", copy_kernel},
    {"Concatenate", copy_kernel},
    {"Slice", copy_kernel},
    {"Pad", copy_kernel},
    {"LayoutChange", layout_kernel},
    {"Cast", labels_kernel},
    {"OneHot", labels_kernel},
    {"ArgMax", labels_kernel},
    {"Gather", gather_kernel},
    {"ScatterAdd", scatter_add_kernel},
    {"RandomNormal", random_normal_kernel},
};

}  // namespace folio
