"""Start the service: ``python -m webservice``."""

import gc

if __name__ == "__main__":
    # Nearly all that is loaded now stays for good. The server turns the collector on once all is there, as
    # https://docs.python.org/3/library/gc.html#gc.freeze advises.
    gc.disable()

    from webservice.start import main

    main()
