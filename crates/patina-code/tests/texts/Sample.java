package sample;

import java.util.List;
import java.util.function.*;
import static java.lang.Math.max;

// Not documentation.
/** A sample.
 * Of Java. */
@Deprecated
public class Sample<T> extends Base implements Finder {
    public Sample(int size) {
        this.size = size;
    }

    /** Searches. */
    @Override
    public List<T> search(String query) { rank(List.of(query));
        return new ArrayList<>();
    }

    static <T> Sample<T> of() {
        return new Sample<T>(1);
    }

    enum Level {
        LOW, HIGH;
        int up() { return max(1, 2); }
    }

    record Point(int x, int y) {
        Point { assert x > 0; }

    }
}

interface Finder {
    void find();
    default void none() {}
}

@interface Marked {}
