"""The schema's history, one numbered file a change; run by ``storage.engine.upgrade`` only."""
