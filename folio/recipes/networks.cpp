#include "folio/recipes/networks.h"

#include <algorithm>

#include "folio/applications/alex_net.h"
#include "folio/applications/cifar_res_net.h"
#include "folio/applications/google_net.h"
#include "folio/applications/le_net5.h"
#include "folio/applications/mobile_net.h"
#include "folio/applications/mobile_net_v2.h"
#include "folio/applications/res_net.h"
#include "folio/applications/vgg.h"
#include "folio/recipes/architectures.h"
#include "folio/recipes/pictures.h"

namespace folio {
namespace {

namespace apps = applications;

constexpr int64_t kSmallPictures = 96;  ///< sides up to here get the variants for small pictures

const Setting kWidth = {
    "width", "auto", "multiplies filters; auto: 1 as published, less for small pictures", {0.05, 4}};
const Setting kAuxiliary = {"auxiliary", "no",
                            "yes: two more outputs at early stages, for folio summary and new"};

// `width` is what small pictures get when none is asked for.
template <class Options, auto Network, int kSmallPercent = 100>
Model network(const RecipeTask& task, const Settings& settings) {
  Options options;
  options.classes = task.classes;
  options.input = task.input;
  options.scaling = task.scaling;
  const bool small = std::min(task.input[0], task.input[1]) <= kSmallPictures;
  if constexpr (requires { options.small; }) options.small = small;
  if (settings.text("width") != "auto")
    options.width = settings.number("width");
  else if (small)
    options.width = kSmallPercent / 100.0;
  if constexpr (requires { options.auxiliary; })
    options.auxiliary = settings.choice("auxiliary", {"no", "yes"}) == "yes";
  return Network(options);
}

Model lenet5(const RecipeTask& task, const Settings& settings) {
  return apps::LeNet5({.classes = task.classes,
                       .input = task.input,
                       .modern = settings.choice("style", {"modern", "classic"}) == "modern",
                       .dropout = settings.number("dropout"),
                       .scaling = task.scaling});
}

Recipe recipe_of(const char* name, const char* what, const char* row, Shape input, int64_t classes,
                 double learning_rate, Model (*build)(const RecipeTask&, const Settings&)) {
  return {.name = name,
          .what = what,
          .rows = row,
          .data = {"cifar10", "fashion-mnist", "mnist"},
          .task = {std::move(input), classes},
          .training = {.epochs = 20, .batch_size = 64, .learning_rate = learning_rate},
          .schedule = "cosine",
          .monitor = "val_accuracy",
          .settings = {kWidth},
          .load = pictures,
          .build = build};
}

Recipe with(Recipe recipe, const Setting& setting) {
  recipe.settings.push_back(setting);
  return recipe;
}

}  // namespace

std::vector<Recipe> network_recipes() {
  const Shape imagenet = {224, 224, 3}, cifar = {32, 32, 3};
  using AlexNet = apps::AlexNetOptions;
  using VGG = apps::VGGOptions;
  using ResNet = apps::ResNetOptions;
  using Cifar = apps::CifarResNetOptions;
  return {
      {.name = "pictures",
       .what = "a folder of photographs, one sub-folder for each class: folio train pictures --data FOLDER",
       .rows = "F1 F2",
       .data = {"cifar10", "fashion-mnist", "mnist"},
       .task = {{32, 32, 3}, 10},
       .training = {.epochs = 30, .batch_size = 32, .learning_rate = 0.002},
       .schedule = "cosine",
       .monitor = "val_accuracy",
       .settings = {{"filters", "32", "of the first convolutions", {1, 1024, true}},
                    {"dropout", "0.3", "before the last layer", kShares}},
       .load = pictures,
       .build = picture_network},
      {.name = "lenet5",
       .what = "LeNet-5, the convolutional network of LeCun 1998",
       .rows = "F1 F2 F3",
       .data = {"fashion-mnist", "mnist"},
       .task = {{28, 28, 1}, 10},
       .training = {.epochs = 60, .batch_size = 128, .learning_rate = 0.004},
       .schedule = "cosine",
       .monitor = "val_accuracy",
       .settings = {{"style", "modern",
                     "modern: relu and maximum pooling; classic: tanh and average pooling, as in 1998"},
                    {"dropout", "0.1", "before the last two layers", kShares}},
       .load = pictures,
       .build = lenet5},
      recipe_of("alexnet", "AlexNet of 2012, in one tower", "F4", {227, 227, 3}, 1000, 0.001,
                network<AlexNet, apps::AlexNet, 50>),
      recipe_of("vgg11", "VGG with 11 layers", "F5", imagenet, 1000, 0.001, network<VGG, apps::VGG11, 25>),
      recipe_of("vgg13", "VGG with 13 layers", "F5", imagenet, 1000, 0.001, network<VGG, apps::VGG13, 25>),
      recipe_of("vgg16", "VGG with 16 layers", "F5", imagenet, 1000, 0.001, network<VGG, apps::VGG16, 25>),
      recipe_of("vgg19", "VGG with 19 layers", "F5", imagenet, 1000, 0.001, network<VGG, apps::VGG19, 25>),
      with(recipe_of("googlenet", "GoogLeNet, of inception modules", "F6", imagenet, 1000, 0.001,
                     network<apps::GoogLeNetOptions, apps::GoogLeNet, 25>),
           kAuxiliary),
      recipe_of("resnet18", "ResNet with 18 layers", "F7", imagenet, 1000, 0.001,
                network<ResNet, apps::ResNet18, 25>),
      recipe_of("resnet34", "ResNet with 34 layers", "F7", imagenet, 1000, 0.001,
                network<ResNet, apps::ResNet34, 25>),
      recipe_of("resnet50", "ResNet with 50 layers, as Keras has it", "F7", imagenet, 1000, 0.001,
                network<ResNet, apps::ResNet50, 25>),
      recipe_of("resnet101", "ResNet with 101 layers, as Keras has it", "F7", imagenet, 1000, 0.001,
                network<ResNet, apps::ResNet101, 25>),
      recipe_of("resnet152", "ResNet with 152 layers, as Keras has it", "F7", imagenet, 1000, 0.001,
                network<ResNet, apps::ResNet152, 25>),
      recipe_of("resnet20", "the residual network of 20 layers for small pictures", "F7", cifar, 10, 0.002,
                network<Cifar, apps::ResNet20>),
      recipe_of("resnet32", "the same with 32 layers", "F7", cifar, 10, 0.002,
                network<Cifar, apps::ResNet32>),
      recipe_of("resnet44", "the same with 44 layers", "F7", cifar, 10, 0.002,
                network<Cifar, apps::ResNet44>),
      recipe_of("resnet56", "the same with 56 layers", "F7", cifar, 10, 0.002,
                network<Cifar, apps::ResNet56>),
      recipe_of("resnet110", "the same with 110 layers", "F7", cifar, 10, 0.002,
                network<Cifar, apps::ResNet110>),
      recipe_of("mobilenet", "MobileNet, of depthwise and pointwise convolutions", "F8", imagenet, 1000,
                0.002, network<apps::MobileNetOptions, apps::MobileNet, 50>),
      recipe_of("mobilenet-v2", "MobileNetV2, of inverted residuals", "F8", imagenet, 1000, 0.002,
                network<apps::MobileNetV2Options, apps::MobileNetV2, 50>),
  };
}

}  // namespace folio
