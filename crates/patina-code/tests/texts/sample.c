#include <stdio.h>
#include "local/index.h"

#ifndef SAMPLE_C
#define SAMPLE_C
/* The most. */
#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* An index. */
typedef struct index {
    int size;
    struct node *first;
} index;

struct node { struct node *next; };

enum level { LOW, HIGH };

typedef int (*compare)(const void *, const void *);

int search(const char *query, int); // Searches.

static inline int *search(const char *query, int limit)
{
    struct node *node;
    printf("%s\n", query);
    return MAX(rank(query), LIMIT);
    int local(int);
}

char **names(void) { return 0; }
#endif
