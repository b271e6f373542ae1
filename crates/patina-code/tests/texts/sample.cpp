#include <vector>
#include "index.hpp"

namespace search {

// An index.
class Index : public Base {
public:
    explicit Index(int size);
    virtual ~Index() { clear(); }

    // How many.
    int size() const { return size_; }

    template <typename T>
    const T &find(const std::string &query) const;

    Entry &operator[](int at);

    struct Entry { int score; };

private:
    int size_ = 0;
};

template <typename T>
using Names = std::vector<T>;

template <typename T>
T largest(T a, T b) { return std::max(a, b); }

} // namespace search

template <typename T>
const T &search::Index::find(const std::string &query) const {
    return table.lookup<T>(query);
}

enum class Level { low, high };

int main() {
    auto *index = new search::Index(3);
    index->find("a");
}
