// What the examples of pictures share: some of Fashion-MNIST as pictures, and sheets of what came out.
#pragma once
#include <folio/analysis/picture_scores.h>
#include <folio/folio.h>
#include <folio/pictures/contact_sheet.h>
#include <folio/pictures/picture_file.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

/// Pictures (rows, 28, 28, 1) from 0 to 1, and classes from 0 to 9.
struct Clothes {
  folio::Tensor train, test, train_labels, test_labels;
};

inline std::optional<Clothes> pictures_of_clothes(int64_t train_rows, int64_t test_rows) {
  const auto scaled = [](const folio::Tensor& bytes) {
    folio::Tensor x(bytes.shape());
    for (int64_t i = 0; i < x.count(); ++i) x.set(i, bytes.at(i) / 255);
    return x;
  };
  try {
    const folio::Dataset train = folio::load("fashion-mnist", "train"),
                         test = folio::load("fashion-mnist", "test");
    return Clothes{scaled(train.x.rows(0, train_rows)), scaled(test.x.rows(0, test_rows)),
                   train.y.rows(0, train_rows), test.y.rows(0, test_rows)};
  } catch (const folio::Error& error) {
    std::printf("skipped: no Fashion-MNIST here (%s)\n", error.what());
    return std::nullopt;
  }
}

/// The first 16 pictures of each, line by line, as a PNG.
inline void write_sheet(const std::string& path, const std::vector<folio::Tensor>& lines) {
  std::vector<std::vector<folio::Tensor>> shown;
  for (const folio::Tensor& line : lines)
    shown.push_back(folio::pictures_of(folio::as_bytes(line.rows(0, 16).reshaped({16, 28, 28, 1}))));
  folio::write_png(path, folio::contact_sheet(shown, 56));
}
