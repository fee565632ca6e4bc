#include "folio/models/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "folio/base/markup.h"
#include "folio/models/model_body.h"

namespace folio {
namespace {

/// Layers in an order in which what is needed comes first, and who needs whom; a layer is one box however
/// often it is called.
struct Picture {
  struct Box {
    std::string name, class_name, shape;
  };
  std::vector<Box> boxes;
  std::set<std::pair<size_t, size_t>> arrows;
};

class Painter {
 public:
  explicit Painter(const ModelBody& body) {
    if (body.has_graph())
      paint_graph(body);
    else
      paint_row(body);
  }
  Picture picture;

 private:
  void paint_graph(const ModelBody& body) {
    for (const Node* node : Graph{body.inputs(), body.outputs(), {}}.nodes()) {
      const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get());
      const auto* input = dynamic_cast<const InputOp*>(node->op.get());
      const void* key = call ? static_cast<const void*>(call->layer().get()) : node;
      const std::string shape = to_string(node->outputs[0].shape);
      const size_t box = call    ? box_of(key, {call->layer()->name(), call->layer()->class_name(), shape})
                         : input ? box_of(key, {input->label(), "InputLayer", shape})
                                 : box_of(key, {node->op->name(), "", shape});
      boxes_[node] = box;
      for (const Value& value : node->inputs) {
        const size_t from = boxes_.at(&value.node());
        // A layer that is called on its own output.
        if (from != box) picture.arrows.emplace(from, box);
      }
    }
  }

  // A Sequential that has not seen a shape yet.
  void paint_row(const ModelBody& body) {
    for (const Layer& layer : body.layers()) {
      const size_t box = box_of(&layer.body(), {layer.name(), layer.class_name(), ""});
      if (box > 0) picture.arrows.emplace(box - 1, box);
    }
  }

  size_t box_of(const void* key, const Picture::Box& box) {
    const auto [place, fresh] = boxes_.try_emplace(key, picture.boxes.size());
    if (fresh) picture.boxes.push_back(box);
    return place->second;
  }

  std::map<const void*, size_t> boxes_;  // of layers, and of nodes
};

Picture picture_of(const Model& model) { return Painter(model.model()).picture; }

// The layout of the picture: rows by the longest way from an input; an arrow that passes rows has a place of
// its own in each, so that it runs between boxes and not through them.
class Layout {
 public:
  explicit Layout(const Picture& picture) : picture_(picture) {
    std::vector<size_t> row(picture.boxes.size(), 0);
    // Boxes come after what they need, except where a shared layer closes a circle.
    for (const auto& [from, to] : picture.arrows)
      if (from < to) row[to] = std::max(row[to], row[from] + 1);
    for (size_t i = 0; i < row.size(); ++i) place(row[i]);
    for (const auto& [from, to] : picture.arrows) connect(from, to);
    for (int pass = 0; pass < 8; ++pass) sort_rows(pass % 2 == 0);
    for (const auto& points : rows_) {
      width = std::max(width, points.size());
      for (size_t i = 0; i < points.size(); ++i)
        points_[points[i]].x = static_cast<double>(i) - static_cast<double>(points.size() - 1) / 2;
    }
  }

  struct Point {
    size_t row = 0;
    double x = 0;  ///< in columns, 0 is the middle
    std::vector<size_t> above, below;
  };
  const Point& point(size_t i) const { return points_[i]; }
  const std::vector<std::vector<size_t>>& ways() const { return ways_; }
  size_t rows() const { return rows_.size(); }
  size_t width = 1;

 private:
  size_t place(size_t row) {
    if (rows_.size() <= row) rows_.resize(row + 1);
    rows_[row].push_back(points_.size());
    points_.push_back({row, 0, {}, {}});
    return points_.size() - 1;
  }

  void connect(size_t from, size_t to) {
    std::vector<size_t> way{from};
    for (size_t row = points_[from].row + 1; row < points_[to].row; ++row) way.push_back(place(row));
    way.push_back(to);
    for (size_t i = 1; i < way.size(); ++i) {
      points_[way[i - 1]].below.push_back(way[i]);
      points_[way[i]].above.push_back(way[i - 1]);
    }
    ways_.push_back(std::move(way));
  }

  // Every point goes where its neighbours are on average.
  void sort_rows(bool downwards) {
    std::vector<double> at(points_.size(), 0);
    for (size_t step = 0; step < rows_.size(); ++step) {
      auto& points = rows_[downwards ? step : rows_.size() - 1 - step];
      std::map<size_t, double> wish;
      for (const size_t i : points) {
        const auto& others = downwards ? points_[i].above : points_[i].below;
        double sum = 0;
        for (const size_t other : others) sum += at[other];
        wish[i] = others.empty() ? at[i] : sum / static_cast<double>(others.size());
      }
      std::stable_sort(points.begin(), points.end(), [&](size_t a, size_t b) { return wish[a] < wish[b]; });
      for (size_t i = 0; i < points.size(); ++i)
        at[points[i]] = static_cast<double>(i) - static_cast<double>(points.size() - 1) / 2;
    }
  }

  const Picture& picture_;
  std::vector<Point> points_;  // boxes first, in their order
  std::vector<std::vector<size_t>> rows_;
  std::vector<std::vector<size_t>> ways_;
};

constexpr double kBoxHeight = 44, kRow = 78, kMargin = 20;

}  // namespace

std::string draw_dot(const Model& model) {
  const Picture picture = picture_of(model);
  std::string text = fmt::format(
      "digraph \"{}\" {{\n  rankdir=TB; node [shape=box, style=rounded, fontname=\"Helvetica\"];\n",
      escape_dot(model.name()));
  for (size_t i = 0; i < picture.boxes.size(); ++i) {
    const auto& box = picture.boxes[i];
    text += fmt::format("  n{} [label=\"{}\\n{} {}\"];\n", i, escape_dot(box.name),
                        escape_dot(box.class_name), escape_dot(box.shape));
  }
  for (const auto& [from, to] : picture.arrows) text += fmt::format("  n{} -> n{};\n", from, to);
  return text + "}\n";
}

std::string draw_svg(const Model& model) {
  const Picture picture = picture_of(model);
  const Layout layout(picture);
  size_t longest = 8;
  for (const auto& box : picture.boxes)
    longest = std::max({longest, box.name.size(), box.class_name.size() + box.shape.size() + 1});
  const double box_width = 7 * static_cast<double>(longest) + 24, column = box_width + 24;
  const double width = static_cast<double>(layout.width) * column + 2 * kMargin;
  const double height = static_cast<double>(layout.rows()) * kRow + 2 * kMargin;
  const auto x_of = [&](size_t i) { return width / 2 + layout.point(i).x * column; };
  const auto y_of = [&](size_t i) {
    return kMargin + (static_cast<double>(layout.point(i).row) + 0.5) * kRow;
  };
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" "
      "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n"
      "<title>{2}</title>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
      "markerWidth=\"7\" "
      "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#556\"/></marker></defs>\n",
      width, height, escape_markup(model.name()));
  for (const auto& way : layout.ways()) {
    double x = x_of(way[0]), y = y_of(way[0]) + kBoxHeight / 2;
    std::string path = fmt::format("M{:.1f} {:.1f}", x, y);
    for (size_t i = 1; i < way.size(); ++i) {
      const bool last = i + 1 == way.size();
      const double to_x = x_of(way[i]), to_y = y_of(way[i]) - kBoxHeight / 2, middle = (y + to_y) / 2;
      path += fmt::format("C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", x, middle, to_x, middle, to_x, to_y);
      x = to_x, y = to_y + (last ? 0 : kBoxHeight);
      if (!last) path += fmt::format("V{:.1f}", y);
    }
    text += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"#556\" marker-end=\"url(#tip)\"/>\n", path);
  }
  for (size_t i = 0; i < picture.boxes.size(); ++i) {
    const auto& box = picture.boxes[i];
    const double x = x_of(i), y = y_of(i);
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" rx=\"6\" fill=\"{}\" "
        "stroke=\"#556\"/>\n"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-weight=\"bold\">{}</text>\n"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"#445\">{} {}</text>\n",
        x - box_width / 2, y - kBoxHeight / 2, box_width, kBoxHeight,
        box.class_name == "InputLayer" ? "#eef3fb" : "#ffffff", x, y - 4, escape_markup(box.name), x, y + 13,
        escape_markup(box.class_name), escape_markup(box.shape));
  }
  return text + "</svg>\n";
}

}  // namespace folio
