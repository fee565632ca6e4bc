// Checks of a data set against a model, and weights by class: at once for data in memory, as rows are read
// for streamed data.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "folio/data/batches.h"
#include "folio/layers/layer.h"
#include "folio/training/loss.h"

namespace folio {

class ModelBody;

/// What the values of an array must be, beyond their shape and type.
struct ValueCheck {
  size_t array = 0;                     ///< which of `Data::tensors`
  std::string name;                     ///< `input "x"`
  int64_t count = 0;                    ///< class numbers or ids: from 0 to count - 1
  std::optional<int64_t> ignored = {};  ///< one more number that is allowed
  std::string layer = {};               ///< whose table it is; empty for class numbers, which must be whole
  bool shares = false;                  ///< numbers from 0 to 1 instead; NaN passes, for the loss to tell

  /// Throws `Error` naming the first row of `data`, in memory, that is something else.
  void operator()(const Data& data, const char* what) const;
  /// The same of some rows of the array, of which the first has number `first`.
  void look(const Tensor& rows, int64_t first, const std::string& what) const;
};

/// For class numbers among the targets of the model, and for the inputs that an Embedding looks up.
std::vector<ValueCheck> value_checks(const ModelBody& model, bool targets);

/// Checks arrays against the model, and their values; gives inputs and targets the dimensions that the model
/// and its losses want. A Sequential that has not seen a shape yet is built. Throws `Error` beginning with
/// `what`.
Data checked(ModelBody& model, Data data, const std::string& what, bool targets);

/// Whether every number of a target is the share of something that is there or not: from 0 to 1.
bool takes_shares(const Loss& loss);
/// Whether targets say which class a sample is of.
bool is_of_classes(const Loss& loss);

/// Classes that the targets of the validation rows have and those of training never, in words: "class 4"; ""
/// when there are none, or the rows are not in memory. `sparse`: targets are class numbers, otherwise one
/// number a class, or one that is 0 or 1.
std::string unseen_classes(const Data& training, const Data& validation, size_t output, bool sparse);

/// Multiplies each row's weight by that of its class: the one target is a class number (`sparse`), or the
/// largest of a row is its class. `classes`: how many there are. `type`: that of the weights. Throws `Error`
/// for targets that do not give each row one class, and for weights of classes that there are not.
void weigh_classes(Data& data, const std::map<int, double>& weights, bool sparse, int64_t classes,
                   DType type);

}  // namespace folio
