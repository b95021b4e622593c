"""From the bytes of an upload to arrays; every byte is taken for hostile."""
