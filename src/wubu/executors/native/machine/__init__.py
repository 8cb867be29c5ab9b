"""This CPU: what it has, object code, the cache on disk, arrays it reads."""
