/* Keeps the static binary from loading the system's modules for names (libnss_*.so).
 *
 * glibc's getaddrinfo knows /etc/hosts and DNS by itself; for whatever else /etc/nsswitch.conf names (mdns4_minimal,
 * resolve, myhostname ...) it loads a library, and with it the system's own glibc. In a static program that is another
 * glibc than its own, and where the two are of different versions the program is ended by an assertion. With these in
 * the place of glibc's loader such a module counts as one that is not installed, and the next one is asked. */
#include <stddef.h>

void *__libc_dlopen_mode(const char *name, int mode)
{
    (void)name, (void)mode;
    return NULL;
}

void *__libc_dlsym(void *module, const char *name)
{
    (void)module, (void)name;
    return NULL;
}

void *__libc_dlsym_private(void *module, const char *name)
{
    (void)module, (void)name;
    return NULL;
}

void *__libc_dlvsym(void *module, const char *name, const char *version)
{
    (void)module, (void)name, (void)version;
    return NULL;
}

int __libc_dlclose(void *module)
{
    (void)module;
    return 0;
}
