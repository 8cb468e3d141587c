#include "window/object_rates.h"

#define NS_PER_S 1000000000.0
#define SPAN_NS  INT64_C(1000000000)
/* Entries of objects that are long gone are thrown away with all others. */
#define ENTRIES_MAX (2 * OBJECTS_MAX)

struct entry {
    uint64_t object, taken;
    int64_t at_ns;
    double rate; /* below 0: not known yet */
};

struct object_rates {
    const struct model *model;
    int64_t now_ns;
    GHashTable *entries; /* of struct entry, by its first member */
};

struct object_rates *object_rates_new(void)
{
    struct object_rates *rates = g_new0(struct object_rates, 1);
    rates->entries = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    return rates;
}

void object_rates_free(struct object_rates *rates)
{
    g_hash_table_unref(rates->entries);
    g_free(rates);
}

static struct entry *add(struct object_rates *rates, const struct record_object *object, int64_t now_ns)
{
    struct entry *entry = g_new(struct entry, 1);
    *entry = (struct entry){ object->object, object->taken, now_ns, -1 };
    g_hash_table_insert(rates->entries, &entry->object, entry);
    return entry;
}

static void note(struct object_rates *rates, const struct record_object *object, int64_t now_ns)
{
    struct entry *entry = g_hash_table_lookup(rates->entries, &object->object);
    if (entry == NULL)
        entry = add(rates, object, now_ns);
    int64_t passed_ns = now_ns - entry->at_ns;
    if (passed_ns < SPAN_NS)
        return;
    entry->rate =
        object->taken < entry->taken ? -1 : (double)(object->taken - entry->taken) * NS_PER_S / (double)passed_ns;
    entry->taken = object->taken;
    entry->at_ns = now_ns;
}

void object_rates_note(struct object_rates *rates, const struct model *model)
{
    bool goes_on = rates->model == model && model->now_ns >= rates->now_ns;
    if (!goes_on || g_hash_table_size(rates->entries) > ENTRIES_MAX)
        g_hash_table_remove_all(rates->entries);
    rates->model = model;
    rates->now_ns = model->now_ns;
    for (size_t i = 0; i < model->objects.all.count; i++) {
        const struct record_object *object = &objects_at(&model->objects, i)->said;
        if (object->kind == RECORD_OBJECT_QUEUE || object->kind == RECORD_OBJECT_PIPE)
            note(rates, object, model->now_ns);
    }
}

bool object_rates_get(const struct object_rates *rates, uint64_t object, double *ret_rate)
{
    const struct entry *entry = g_hash_table_lookup(rates->entries, &object);
    if (entry == NULL || entry->rate < 0)
        return false;
    *ret_rate = entry->rate;
    return true;
}
