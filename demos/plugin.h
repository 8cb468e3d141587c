/* What the host of the plug-in calls. There is no mproc in it. */
#ifndef DEMOS_PLUGIN_H
#define DEMOS_PLUGIN_H

#ifdef _WIN32
#define PLUGIN_API __declspec(dllexport)
#else
#define PLUGIN_API __attribute__((visibility("default")))
#endif

/** Prints four squares, each computed in another process.
 *
 * worker: the program to start, mproc-worker: "pkg-config --variable=worker mproc" says where it was installed.
 * Returns: 0, or a negative code; then it has said why.
 */
PLUGIN_API int plugin_squares(const char *worker);

#endif
